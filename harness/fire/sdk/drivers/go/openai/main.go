// Driver of `github.com/openai/openai-go`, the official SDK.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"

	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"

	"llm-conformance/jobs"
)

// client returns a client as after a migration: a base URL and a key, nothing else.
func client(job jobs.Job) openai.Client {
	options := []option.RequestOption{
		option.WithBaseURL(job.BaseURL), option.WithAPIKey(job.APIKey),
	}
	if job.Client != nil {
		options = append(options, option.WithHTTPClient(job.Client))
	}
	return openai.NewClient(options...)
}

func create(job jobs.Job, request json.RawMessage) (*openai.ChatCompletion, http.Header, error) {
	params, err := jobs.Parameters[openai.ChatCompletionNewParams](request)
	if err != nil {
		return nil, nil, err
	}
	var answer *http.Response
	api := client(job)
	completion, err := api.Chat.Completions.New(
		context.Background(), params, option.WithResponseInto(&answer))
	return completion, jobs.Header(answer), err
}

// readStream reads a stream with the SDK's own accumulator.
func readStream(
	job jobs.Job, request json.RawMessage, each func(openai.ChatCompletionChunk),
) (*openai.ChatCompletion, http.Header, error) {
	params, err := jobs.Parameters[openai.ChatCompletionNewParams](request)
	if err != nil {
		return nil, nil, err
	}
	var answer *http.Response
	api := client(job)
	chunks := api.Chat.Completions.NewStreaming(
		context.Background(), params, option.WithResponseInto(&answer))
	defer chunks.Close()
	accumulator := openai.ChatCompletionAccumulator{}
	for chunks.Next() {
		if !accumulator.AddChunk(chunks.Current()) {
			return nil, nil, errors.New("the accumulator did not accept a chunk")
		}
		each(chunks.Current())
	}
	return &accumulator.ChatCompletion, jobs.Header(answer), chunks.Err()
}

func piece(chunk openai.ChatCompletionChunk) string {
	if len(chunk.Choices) == 0 {
		return ""
	}
	return chunk.Choices[0].Delta.Content
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
	chats := jobs.Endpoint[*openai.ChatCompletion, openai.ChatCompletionChunk]{
		Turns:     "messages",
		RequestID: "x-request-id",
		Create:    create,
		Stream:    readStream,
		Piece:     piece,
		Data:      func(chunk openai.ChatCompletionChunk) any { return json.RawMessage(chunk.RawJSON()) },
		Next:      next,
		Summary:   summarize,
	}
	scripts := chats.Scripts()
	scripts["models"], scripts["retry"] = models, chats.Retry
	jobs.Serve(jobs.Scripts{
		"openai":     scripts,
		"responses":  responseScripts(),
		"embeddings": {"plain": embed},
	}, describe)
}
