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
func client(job jobs.Job) anthropic.Client {
	options := []option.RequestOption{
		option.WithBaseURL(job.BaseURL), option.WithAPIKey(job.APIKey),
	}
	if job.Client != nil {
		options = append(options, option.WithHTTPClient(job.Client))
	}
	return anthropic.NewClient(options...)
}

func create(job jobs.Job, request json.RawMessage) (*anthropic.Message, http.Header, error) {
	params, err := jobs.Parameters[anthropic.MessageNewParams](request)
	if err != nil {
		return nil, nil, err
	}
	var answer *http.Response
	api := client(job)
	message, err := api.Messages.New(
		context.Background(), params, option.WithResponseInto(&answer))
	return message, jobs.Header(answer), err
}

// readStream reads a stream with the SDK's own accumulator.
func readStream(
	job jobs.Job, request json.RawMessage, each func(anthropic.MessageStreamEventUnion),
) (*anthropic.Message, http.Header, error) {
	params, err := jobs.Parameters[anthropic.MessageNewParams](request)
	if err != nil {
		return nil, nil, err
	}
	var answer *http.Response
	api, message := client(job), anthropic.Message{}
	stream := api.Messages.NewStreaming(
		context.Background(), params, option.WithResponseInto(&answer))
	defer stream.Close()
	for stream.Next() {
		if err := message.Accumulate(stream.Current()); err != nil {
			return nil, nil, err
		}
		each(stream.Current())
	}
	return &message, jobs.Header(answer), stream.Err()
}

func piece(event anthropic.MessageStreamEventUnion) string {
	if event.Type != "content_block_delta" || event.Delta.Type != "text_delta" {
		return ""
	}
	return event.Delta.Text
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

func countTokens(job jobs.Job) (any, error) {
	params, err := jobs.Parameters[anthropic.MessageCountTokensParams](job.Request)
	if err != nil {
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
	messages := jobs.Endpoint[*anthropic.Message, anthropic.MessageStreamEventUnion]{
		Turns:     "messages",
		RequestID: "request-id",
		Create:    create,
		Stream:    readStream,
		Piece:     piece,
		Data: func(event anthropic.MessageStreamEventUnion) any {
			return json.RawMessage(event.RawJSON())
		},
		Next:    next,
		Summary: summarize,
	}
	scripts := messages.Scripts()
	scripts["count-tokens"], scripts["models"] = countTokens, models
	scripts["retry"] = messages.Retry
	jobs.Serve(jobs.Scripts{"anthropic": scripts}, describe)
}
