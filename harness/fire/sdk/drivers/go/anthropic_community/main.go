// Driver of `github.com/liushuangls/go-anthropic`, the community's SDK. It does not retry.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	"github.com/liushuangls/go-anthropic/v2"

	"llm-conformance/jobs"
)

// client returns a client as after a migration: a base URL and a key, nothing else.
func client(job jobs.Job) *anthropic.Client {
	return anthropic.NewClient(job.APIKey, anthropic.WithBaseURL(job.BaseURL+"/v1"))
}

// parameters reads a request. The SDK writes text as a block, so that is what it can read.
func parameters(body json.RawMessage) (request anthropic.MessagesRequest, err error) {
	var members jobs.Object
	if err := json.Unmarshal(body, &members); err != nil {
		return request, err
	}
	messages, _ := members["messages"].([]any)
	for _, each := range messages {
		if message, ok := each.(jobs.Object); ok {
			if text, ok := message["content"].(string); ok {
				message["content"] = []any{jobs.Object{"type": "text", "text": text}}
			}
		}
	}
	text, err := json.Marshal(members)
	if err != nil {
		return request, err
	}
	return jobs.Parameters[anthropic.MessagesRequest](text)
}

func create(
	job jobs.Job, body json.RawMessage,
) (anthropic.MessagesResponse, http.Header, error) {
	request, err := parameters(body)
	if err != nil {
		return anthropic.MessagesResponse{}, nil, err
	}
	response, err := client(job).CreateMessages(context.Background(), request)
	return response, response.Header(), err
}

// readStream reads a stream, which the SDK adds up to a message; `each` gets the events.
func readStream(
	job jobs.Job, body json.RawMessage, each func(any),
) (response anthropic.MessagesResponse, header http.Header, err error) {
	request, err := parameters(body)
	if err != nil {
		return response, nil, err
	}
	response, err = client(job).CreateMessagesStream(context.Background(), anthropic.MessagesStreamRequest{
		MessagesRequest:     request,
		OnMessageStart:      func(e anthropic.MessagesEventMessageStartData) { each(e) },
		OnContentBlockStart: func(e anthropic.MessagesEventContentBlockStartData) { each(e) },
		OnContentBlockDelta: func(e anthropic.MessagesEventContentBlockDeltaData) { each(e) },
		OnContentBlockStop: func(
			e anthropic.MessagesEventContentBlockStopData, _ anthropic.MessageContent,
		) {
			each(e)
		},
		OnMessageDelta: func(e anthropic.MessagesEventMessageDeltaData) { each(e) },
		OnMessageStop:  func(e anthropic.MessagesEventMessageStopData) { each(e) },
	})
	return response, response.Header(), err
}

func piece(event any) string {
	if delta, ok := event.(anthropic.MessagesEventContentBlockDeltaData); ok {
		return delta.Delta.GetText()
	}
	return ""
}

func summarize(response anthropic.MessagesResponse) jobs.Object {
	texts := []string{}
	for _, block := range response.Content {
		if block.Type == anthropic.MessagesContentTypeText {
			texts = append(texts, block.GetText())
		}
	}
	return jobs.Object{
		"text":        strings.Join(texts, ""),
		"stop_reason": response.StopReason,
		"usage": jobs.Object{
			"input_tokens":  response.Usage.InputTokens,
			"output_tokens": response.Usage.OutputTokens,
		},
	}
}

// next returns the tool call, and the SDK's own message with the result of the call.
func next(response anthropic.MessagesResponse) (any, []any, error) {
	for _, block := range response.Content {
		if call := block.MessageContentToolUse; call != nil {
			assistant := anthropic.Message{
				Role: anthropic.RoleAssistant, Content: response.Content,
			}
			result := anthropic.NewToolResultsMessage(call.ID, jobs.ToolResult, false)
			return call, []any{assistant, result}, nil
		}
	}
	return nil, nil, nil
}

// describe returns the SDK's error. The typed one does not have the status.
func describe(err error) (jobs.APIError, bool) {
	var failure *anthropic.APIError
	if errors.As(err, &failure) {
		return jobs.APIError{
			Class:   "anthropic.APIError",
			Message: failure.Message,
			Type:    string(failure.Type),
		}, true
	}
	var other *anthropic.RequestError // the answer is not an error of the API
	if errors.As(err, &other) {
		return jobs.APIError{
			Class: "anthropic.RequestError", Message: other.Error(), Status: other.StatusCode,
		}, true
	}
	return jobs.APIError{}, false
}

func main() {
	messages := jobs.Endpoint[anthropic.MessagesResponse, any]{
		Turns:     "messages",
		RequestID: "request-id",
		Create:    create,
		Stream:    readStream,
		Piece:     piece,
		Data:      func(event any) any { return event },
		Next:      next,
		Summary:   summarize,
	}
	jobs.Serve(jobs.Scripts{"anthropic": messages.Scripts()}, describe)
}
