// Driver of `github.com/openai/openai-go`, the official SDK.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"

	"llm-conformance/jobs"
)

// client returns a client as after a migration: a base URL and a key, nothing else.
func client(job jobs.Job, more ...option.RequestOption) openai.Client {
	options := []option.RequestOption{
		option.WithBaseURL(job.BaseURL), option.WithAPIKey(job.APIKey),
	}
	return openai.NewClient(append(options, more...)...)
}

func parameters(request json.RawMessage) (params openai.ChatCompletionNewParams, err error) {
	err = json.Unmarshal(request, &params)
	return params, err
}

func create(
	api openai.Client, request json.RawMessage, more ...option.RequestOption,
) (*openai.ChatCompletion, error) {
	params, err := parameters(request)
	if err != nil {
		return nil, err
	}
	return api.Chat.Completions.New(context.Background(), params, more...)
}

func summarize(completion *openai.ChatCompletion) jobs.Object {
	choice, usage := completion.Choices[0], completion.Usage
	return jobs.Object{
		"text":          choice.Message.Content,
		"finish_reason": choice.FinishReason,
		"usage": jobs.Object{
			"prompt_tokens":     usage.PromptTokens,
			"completion_tokens": usage.CompletionTokens,
			"total_tokens":      usage.TotalTokens,
		},
	}
}

func plain(job jobs.Job) (any, error) {
	var response *http.Response
	completion, err := create(client(job), job.Request, option.WithResponseInto(&response))
	if err != nil {
		return nil, err
	}
	summary := summarize(completion)
	summary["request_id"] = response.Header.Get("x-request-id")
	return summary, nil
}

// readStream reads a stream with the SDK's own accumulator.
func readStream(
	job jobs.Job, request json.RawMessage, each func(openai.ChatCompletionChunk),
) (*openai.ChatCompletion, error) {
	params, err := parameters(request)
	if err != nil {
		return nil, err
	}
	api := client(job)
	chunks := api.Chat.Completions.NewStreaming(context.Background(), params)
	defer chunks.Close()
	accumulator := openai.ChatCompletionAccumulator{}
	for chunks.Next() {
		if !accumulator.AddChunk(chunks.Current()) {
			return nil, errors.New("the accumulator did not accept a chunk")
		}
		each(chunks.Current())
	}
	return &accumulator.ChatCompletion, chunks.Err()
}

func stream(job jobs.Job) (any, error) {
	pieces := []string{}
	completion, err := readStream(job, job.Request, func(chunk openai.ChatCompletionChunk) {
		if len(chunk.Choices) > 0 && chunk.Choices[0].Delta.Content != "" {
			pieces = append(pieces, chunk.Choices[0].Delta.Content)
		}
	})
	if err != nil {
		return nil, err
	}
	summary := summarize(completion)
	summary["pieces"], summary["joined"] = pieces, strings.Join(pieces, "")
	return summary, nil
}

// events returns the chunks of a stream as an application iterates over them.
func events(job jobs.Job) (any, error) {
	received := []json.RawMessage{}
	_, err := readStream(job, job.Request, func(chunk openai.ChatCompletionChunk) {
		received = append(received, json.RawMessage(chunk.RawJSON()))
	})
	return jobs.Object{"events": received}, err
}

// next returns the tool call, and the SDK's own message with the result of the call.
func next(completion *openai.ChatCompletion) (any, []any, error) {
	message := completion.Choices[0].Message
	if len(message.ToolCalls) == 0 {
		return nil, nil, nil
	}
	call := message.ToolCalls[0]
	function := jobs.Object{"name": call.Function.Name, "arguments": call.Function.Arguments}
	if err := jobs.CheckArguments(call.Function.Arguments); err != nil {
		return nil, nil, err
	}
	observed := jobs.Object{"id": call.ID, "type": call.Type, "function": function}
	return observed, []any{message.ToParam(), openai.ToolMessage(jobs.ToolResult, call.ID)}, nil
}

func tools(job jobs.Job) (any, error) {
	send := func(request json.RawMessage) (*openai.ChatCompletion, error) {
		return create(client(job), request)
	}
	return jobs.RoundTrip(job, "messages", send, next, summarize)
}

func toolsStream(job jobs.Job) (any, error) {
	send := func(request json.RawMessage) (*openai.ChatCompletion, error) {
		return readStream(job, request, func(openai.ChatCompletionChunk) {})
	}
	return jobs.RoundTrip(job, "messages", send, next, summarize)
}

// models lists the models and retrieves the one under test.
func models(job jobs.Job) (any, error) {
	api, ids := client(job), []string{}
	pages := api.Models.ListAutoPaging(context.Background())
	for pages.Next() {
		ids = append(ids, pages.Current().ID)
	}
	if err := pages.Err(); err != nil {
		return nil, err
	}
	one, err := api.Models.Get(context.Background(), job.Model)
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
		completion, err := create(api, job.Request)
		if err != nil {
			return nil, err
		}
		return summarize(completion), nil
	})
}

func describe(err error) (jobs.APIError, bool) {
	var failure *openai.Error
	if !errors.As(err, &failure) {
		return jobs.APIError{}, false
	}
	described := jobs.APIError{
		Class:   "openai.Error",
		Message: failure.Message,
		Status:  failure.StatusCode,
		Type:    failure.Type,
		Body:    json.RawMessage(failure.RawJSON()),
	}
	if failure.Response != nil {
		described.RequestID = failure.Response.Header.Get("x-request-id")
	}
	return described, true
}

func main() {
	jobs.Serve(jobs.Scripts{
		"openai": {
			"plain":        plain,
			"stream":       stream,
			"events":       events,
			"tools":        tools,
			"tools-stream": toolsStream,
			"models":       models,
			"retry":        retry,
		},
		"responses":  responseScripts,
		"embeddings": embeddingScripts,
	}, describe)
}
