// Driver of `github.com/sashabaranov/go-openai`, the community's SDK. It does not add up streams,
// so the driver does that as its users do, and it does not retry.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

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

func create(job jobs.Job, body json.RawMessage) (response openai.ChatCompletionResponse, err error) {
	var request openai.ChatCompletionRequest
	if err := json.Unmarshal(body, &request); err != nil {
		return response, err
	}
	return client(job).CreateChatCompletion(context.Background(), request)
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

func plain(job jobs.Job) (any, error) {
	response, err := create(job, job.Request)
	if err != nil {
		return nil, err
	}
	summary := summarize(response)
	summary["request_id"] = response.Header().Get("x-request-id")
	return summary, nil
}

// readStream reads a stream to its end, and adds up its chunks.
func readStream(
	job jobs.Job, body json.RawMessage, each func(openai.ChatCompletionStreamResponse),
) (response openai.ChatCompletionResponse, err error) {
	var request openai.ChatCompletionRequest
	if err := json.Unmarshal(body, &request); err != nil {
		return response, err
	}
	chunks, err := client(job).CreateChatCompletionStream(context.Background(), request)
	if err != nil {
		return response, err
	}
	defer chunks.Close()
	response.Choices = make([]openai.ChatCompletionChoice, 1)
	response.Choices[0].Message.Role = openai.ChatMessageRoleAssistant
	for {
		chunk, err := chunks.Recv()
		if errors.Is(err, io.EOF) {
			return response, nil
		}
		if err != nil {
			return response, err
		}
		if err := add(&response, chunk); err != nil {
			return response, err
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

func stream(job jobs.Job) (any, error) {
	pieces := []string{}
	response, err := readStream(job, job.Request, func(chunk openai.ChatCompletionStreamResponse) {
		if len(chunk.Choices) > 0 && chunk.Choices[0].Delta.Content != "" {
			pieces = append(pieces, chunk.Choices[0].Delta.Content)
		}
	})
	if err != nil {
		return nil, err
	}
	summary := summarize(response)
	summary["pieces"], summary["joined"] = pieces, strings.Join(pieces, "")
	return summary, nil
}

// events returns the chunks of a stream as an application iterates over them.
func events(job jobs.Job) (any, error) {
	received := []openai.ChatCompletionStreamResponse{}
	_, err := readStream(job, job.Request, func(chunk openai.ChatCompletionStreamResponse) {
		received = append(received, chunk)
	})
	return jobs.Object{"events": received}, err
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

func tools(job jobs.Job) (any, error) {
	send := func(body json.RawMessage) (openai.ChatCompletionResponse, error) {
		return create(job, body)
	}
	return jobs.RoundTrip(job, "messages", send, next, summarize)
}

func toolsStream(job jobs.Job) (any, error) {
	send := func(body json.RawMessage) (openai.ChatCompletionResponse, error) {
		return readStream(job, body, func(openai.ChatCompletionStreamResponse) {})
	}
	return jobs.RoundTrip(job, "messages", send, next, summarize)
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
	jobs.Serve(jobs.Scripts{
		"openai": {
			"plain":        plain,
			"stream":       stream,
			"events":       events,
			"tools":        tools,
			"tools-stream": toolsStream,
			"models":       models,
		},
	}, describe)
}
