// Driver of `github.com/anthropics/anthropic-sdk-go`, the official SDK.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	"github.com/anthropics/anthropic-sdk-go/v2"
	"github.com/anthropics/anthropic-sdk-go/v2/option"

	"llm-conformance/jobs"
)

// client returns a client as after a migration: a base URL and a key, nothing else.
func client(job jobs.Job, more ...option.RequestOption) anthropic.Client {
	options := []option.RequestOption{
		option.WithBaseURL(job.BaseURL), option.WithAPIKey(job.APIKey),
	}
	return anthropic.NewClient(append(options, more...)...)
}

func create(
	api anthropic.Client, request json.RawMessage, more ...option.RequestOption,
) (*anthropic.Message, error) {
	var params anthropic.MessageNewParams
	if err := json.Unmarshal(request, &params); err != nil {
		return nil, err
	}
	return api.Messages.New(context.Background(), params, more...)
}

func summarize(message *anthropic.Message) jobs.Object {
	texts := []string{}
	for _, block := range message.Content {
		if block.Type == "text" {
			texts = append(texts, block.Text)
		}
	}
	return jobs.Object{
		"text":        strings.Join(texts, ""),
		"stop_reason": message.StopReason,
		"usage": jobs.Object{
			"input_tokens":  message.Usage.InputTokens,
			"output_tokens": message.Usage.OutputTokens,
		},
	}
}

func plain(job jobs.Job) (any, error) {
	var response *http.Response
	message, err := create(client(job), job.Request, option.WithResponseInto(&response))
	if err != nil {
		return nil, err
	}
	summary := summarize(message)
	summary["request_id"] = response.Header.Get("request-id")
	return summary, nil
}

// readStream reads a stream with the SDK's own accumulator.
func readStream(
	job jobs.Job, request json.RawMessage, each func(anthropic.MessageStreamEventUnion),
	more ...option.RequestOption,
) (*anthropic.Message, error) {
	var params anthropic.MessageNewParams
	if err := json.Unmarshal(request, &params); err != nil {
		return nil, err
	}
	api, message := client(job), anthropic.Message{}
	stream := api.Messages.NewStreaming(context.Background(), params, more...)
	defer stream.Close()
	for stream.Next() {
		if err := message.Accumulate(stream.Current()); err != nil {
			return nil, err
		}
		each(stream.Current())
	}
	return &message, stream.Err()
}

func stream(job jobs.Job) (any, error) {
	var response *http.Response
	pieces := []string{}
	message, err := readStream(job, job.Request, func(event anthropic.MessageStreamEventUnion) {
		if event.Type == "content_block_delta" && event.Delta.Type == "text_delta" {
			pieces = append(pieces, event.Delta.Text)
		}
	}, option.WithResponseInto(&response))
	if err != nil {
		return nil, err
	}
	summary := summarize(message)
	summary["pieces"], summary["joined"] = pieces, strings.Join(pieces, "")
	summary["request_id"] = response.Header.Get("request-id")
	return summary, nil
}

// events returns the events of a stream as an application iterates over them.
func events(job jobs.Job) (any, error) {
	received := []json.RawMessage{}
	_, err := readStream(job, job.Request, func(event anthropic.MessageStreamEventUnion) {
		received = append(received, json.RawMessage(event.RawJSON()))
	})
	return jobs.Object{"events": received}, err
}

// next returns the tool call, and the SDK's own message with the result of the call.
func next(message *anthropic.Message) (any, []any, error) {
	for _, block := range message.Content {
		if block.Type == "tool_use" {
			result := anthropic.NewToolResultBlock(block.ID, jobs.ToolResult, false)
			call := jobs.Object{"id": block.ID, "name": block.Name, "input": block.Input}
			return call, []any{message.ToParam(), anthropic.NewUserMessage(result)}, nil
		}
	}
	return nil, nil, nil
}

func tools(job jobs.Job) (any, error) {
	send := func(request json.RawMessage) (*anthropic.Message, error) {
		return create(client(job), request)
	}
	return jobs.RoundTrip(job, "messages", send, next, summarize)
}

func toolsStream(job jobs.Job) (any, error) {
	send := func(request json.RawMessage) (*anthropic.Message, error) {
		return readStream(job, request, func(anthropic.MessageStreamEventUnion) {})
	}
	return jobs.RoundTrip(job, "messages", send, next, summarize)
}

func countTokens(job jobs.Job) (any, error) {
	var params anthropic.MessageCountTokensParams
	if err := json.Unmarshal(job.Request, &params); err != nil {
		return nil, err
	}
	api := client(job)
	count, err := api.Messages.CountTokens(context.Background(), params)
	if err != nil {
		return nil, err
	}
	return jobs.Object{"input_tokens": count.InputTokens}, nil
}

// models lists the models and retrieves the one under test.
func models(job jobs.Job) (any, error) {
	api, ids := client(job), []string{}
	pages := api.Models.ListAutoPaging(context.Background(), anthropic.ModelListParams{})
	for pages.Next() {
		ids = append(ids, pages.Current().ID)
	}
	if err := pages.Err(); err != nil {
		return nil, err
	}
	one, err := api.Models.Get(context.Background(), job.Model, anthropic.ModelGetParams{})
	if err != nil {
		return nil, err
	}
	return jobs.Object{"ids": ids, "one": jobs.Object{"id": one.ID}}, nil
}

// retry sends requests until one is refused, which the SDK then sends again by itself.
func retry(job jobs.Job) (any, error) {
	counting := jobs.NewCountingClient()
	api := client(job, option.WithHTTPClient(&counting.Client))
	return counting.SendUntilRetried(func() (jobs.Object, error) {
		message, err := create(api, job.Request)
		if err != nil {
			return nil, err
		}
		return summarize(message), nil
	})
}

func describe(err error) (jobs.APIError, bool) {
	var failure *anthropic.Error
	if !errors.As(err, &failure) {
		return jobs.APIError{}, false
	}
	return jobs.APIError{
		Class:     "anthropic.Error",
		Message:   failure.Message,
		Status:    failure.StatusCode,
		Type:      string(failure.Type()),
		RequestID: failure.RequestID,
		Body:      json.RawMessage(failure.RawJSON()),
	}, true
}

func main() {
	jobs.Serve(jobs.Scripts{
		"anthropic": {
			"plain":        plain,
			"stream":       stream,
			"events":       events,
			"tools":        tools,
			"tools-stream": toolsStream,
			"count-tokens": countTokens,
			"models":       models,
			"retry":        retry,
		},
	}, describe)
}
