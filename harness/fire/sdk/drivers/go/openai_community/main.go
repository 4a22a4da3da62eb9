// Driver of `github.com/sashabaranov/go-openai`, the community's SDK. It does not add up streams,
// so the driver does that as its users do, and it does not retry.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"

	openai "github.com/sashabaranov/go-openai"

	"llm-conformance/jobs"
)

const maxCalls = 100 // in one answer; the index comes from the target

// client returns a client as after a migration: a base URL and a key, nothing else.
func client(job jobs.Job) *openai.Client {
	config := openai.DefaultConfig(job.APIKey)
	config.BaseURL = job.BaseURL
	return openai.NewClientWithConfig(config)
}

func create(
	job jobs.Job, body json.RawMessage,
) (openai.ChatCompletionResponse, http.Header, error) {
	request, err := jobs.Parameters[openai.ChatCompletionRequest](body)
	if err != nil {
		return openai.ChatCompletionResponse{}, nil, err
	}
	response, err := client(job).CreateChatCompletion(context.Background(), request)
	return response, response.Header(), err
}

// readStream reads a stream to its end, and adds up its chunks.
func readStream(
	job jobs.Job, body json.RawMessage, each func(openai.ChatCompletionStreamResponse),
) (response openai.ChatCompletionResponse, header http.Header, err error) {
	request, err := jobs.Parameters[openai.ChatCompletionRequest](body)
	if err != nil {
		return response, nil, err
	}
	chunks, err := client(job).CreateChatCompletionStream(context.Background(), request)
	if err != nil {
		return response, nil, err
	}
	defer chunks.Close()
	response.Choices = make([]openai.ChatCompletionChoice, 1)
	response.Choices[0].Message.Role = openai.ChatMessageRoleAssistant
	for {
		chunk, err := chunks.Recv()
		if errors.Is(err, io.EOF) {
			return response, chunks.Header(), nil
		}
		if err != nil {
			return response, nil, err
		}
		if err := add(&response, chunk); err != nil {
			return response, nil, err
		}
		each(chunk)
	}
}

// add adds a chunk to the response; calls are joined by their index.
func add(response *openai.ChatCompletionResponse, chunk openai.ChatCompletionStreamResponse) error {
	if chunk.Usage != nil {
		response.Usage = *chunk.Usage
	}
	for _, from := range chunk.Choices {
		to := &response.Choices[0]
		to.Message.Content += from.Delta.Content
		if from.FinishReason != "" {
			to.FinishReason = from.FinishReason
		}
		for _, piece := range from.Delta.ToolCalls {
			index := *piece.Index
			if index < 0 || index > maxCalls {
				return fmt.Errorf("a call has the index %d", index)
			}
			for len(to.Message.ToolCalls) <= index {
				to.Message.ToolCalls = append(to.Message.ToolCalls, openai.ToolCall{})
			}
			call := &to.Message.ToolCalls[index]
			if piece.ID != "" {
				call.ID, call.Type = piece.ID, piece.Type
			}
			call.Function.Name += piece.Function.Name
			call.Function.Arguments += piece.Function.Arguments
		}
	}
	return nil
}

func piece(chunk openai.ChatCompletionStreamResponse) string {
	if len(chunk.Choices) == 0 {
		return ""
	}
	return chunk.Choices[0].Delta.Content
}

func summarize(response openai.ChatCompletionResponse) jobs.Object {
	choice, usage := response.Choices[0], response.Usage
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
func next(response openai.ChatCompletionResponse) (any, []any, error) {
	message := response.Choices[0].Message
	if len(message.ToolCalls) == 0 {
		return nil, nil, nil
	}
	call := message.ToolCalls[0]
	if err := jobs.CheckArguments(call.Function.Arguments); err != nil {
		return nil, nil, err
	}
	result := openai.ChatCompletionMessage{
		Role: openai.ChatMessageRoleTool, ToolCallID: call.ID, Content: jobs.ToolResult,
	}
	return call, []any{message, result}, nil
}

// models lists the models and retrieves the one under test.
func models(job jobs.Job) (any, error) {
	list, err := client(job).ListModels(context.Background())
	if err != nil {
		return nil, err
	}
	ids := []string{}
	for _, model := range list.Models {
		ids = append(ids, model.ID)
	}
	one, err := client(job).GetModel(context.Background(), job.Model)
	if err != nil {
		return nil, err
	}
	return jobs.Object{"ids": ids, "one": jobs.Object{"id": one.ID}}, nil
}

func describe(err error) (jobs.APIError, bool) {
	var failure *openai.APIError
	if errors.As(err, &failure) {
		body, _ := json.Marshal(failure)
		return jobs.APIError{
			Class:   "openai.APIError",
			Message: failure.Message,
			Status:  failure.HTTPStatusCode,
			Type:    failure.Type,
			Body:    body,
		}, true
	}
	var other *openai.RequestError // the answer is not an error of the API
	if errors.As(err, &other) {
		return jobs.APIError{
			Class: "openai.RequestError", Message: other.Error(), Status: other.HTTPStatusCode,
		}, true
	}
	return jobs.APIError{}, false
}

func main() {
	chats := jobs.Endpoint[openai.ChatCompletionResponse, openai.ChatCompletionStreamResponse]{
		Turns:     "messages",
		RequestID: "x-request-id",
		Create:    create,
		Stream:    readStream,
		Piece:     piece,
		Data:      func(chunk openai.ChatCompletionStreamResponse) any { return chunk },
		Next:      next,
		Summary:   summarize,
	}
	scripts := chats.Scripts()
	scripts["models"] = models
	jobs.Serve(jobs.Scripts{"openai": scripts}, describe)
}
