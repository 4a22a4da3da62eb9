package main

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"
	"github.com/openai/openai-go/v3/responses"

	"llm-conformance/jobs"
)

// responseScripts returns the scripts of the Responses endpoint.
func responseScripts() map[string]jobs.Script {
	endpoint := jobs.Endpoint[*responses.Response, responses.ResponseStreamEventUnion]{
		Turns:     "input",
		RequestID: "x-request-id",
		Create:    respond,
		Stream:    readResponse,
		Piece:     responsePiece,
		Data: func(event responses.ResponseStreamEventUnion) any {
			return json.RawMessage(event.RawJSON())
		},
		Next:    nextItems,
		Summary: summarizeResponse,
	}
	scripts := endpoint.Scripts()
	scripts["parse"], scripts["follow-up"] = respondParse, respondFollowUp
	scripts["retry"] = endpoint.Retry
	return scripts
}

func responseParameters(request json.RawMessage) (params responses.ResponseNewParams, err error) {
	if request, err = typedMessages(request); err != nil {
		return params, err
	}
	return jobs.Parameters[responses.ResponseNewParams](request)
}

// typedMessages adds the type of messages, without which the SDK does not read an item from JSON.
func typedMessages(request json.RawMessage) (json.RawMessage, error) {
	var given struct {
		Input json.RawMessage `json:"input"`
	}
	if err := json.Unmarshal(request, &given); err != nil {
		return nil, err
	}
	var items []jobs.Object
	if json.Unmarshal(given.Input, &items) != nil { // a text
		return request, nil
	}
	for _, item := range items {
		if _, typed := item["type"]; !typed {
			item["type"] = "message"
		}
	}
	return jobs.Change(request, jobs.Object{"input": items})
}

func respond(
	job jobs.Job, request json.RawMessage,
) (*responses.Response, http.Header, error) {
	params, err := responseParameters(request)
	if err != nil {
		return nil, nil, err
	}
	var answer *http.Response
	api := client(job)
	response, err := api.Responses.New(
		context.Background(), params, option.WithResponseInto(&answer))
	return response, jobs.Header(answer), err
}

// readResponse reads a stream and returns the response of its last event.
func readResponse(
	job jobs.Job, request json.RawMessage, each func(responses.ResponseStreamEventUnion),
) (*responses.Response, http.Header, error) {
	params, err := responseParameters(request)
	if err != nil {
		return nil, nil, err
	}
	var answer *http.Response
	api := client(job)
	events := api.Responses.NewStreaming(
		context.Background(), params, option.WithResponseInto(&answer))
	defer events.Close()
	last := &responses.Response{}
	for events.Next() {
		event := events.Current()
		switch event.Type {
		case "response.completed", "response.incomplete", "response.failed":
			last = &event.Response
		}
		each(event)
	}
	return last, jobs.Header(answer), events.Err()
}

func responsePiece(event responses.ResponseStreamEventUnion) string {
	if event.Type != "response.output_text.delta" {
		return ""
	}
	return event.Delta
}

func summarizeResponse(response *responses.Response) jobs.Object {
	usage := response.Usage
	return jobs.Object{
		"text":   response.OutputText(),
		"status": response.Status,
		"usage": jobs.Object{
			"input_tokens":  usage.InputTokens,
			"output_tokens": usage.OutputTokens,
			"total_tokens":  usage.TotalTokens,
		},
	}
}

// nextItems returns the function call, and the SDK's own items with the result of the call.
func nextItems(response *responses.Response) (any, []any, error) {
	var calls []responses.ResponseFunctionToolCall
	var turns []any
	for _, item := range response.Output {
		turns = append(turns, json.RawMessage(item.RawJSON()))
		if item.Type == "function_call" {
			calls = append(calls, item.AsFunctionCall())
		}
	}
	if len(calls) == 0 {
		return nil, nil, nil
	}
	call := calls[0]
	if err := jobs.CheckArguments(call.Arguments); err != nil {
		return nil, nil, err
	}
	result := responses.ResponseInputItemParamOfFunctionCallOutput(jobs.ToolResult)
	result.OfFunctionCallOutput.CallID = openai.String(call.CallID)
	observed := jobs.Object{
		"call_id": call.CallID, "type": call.Type, "name": call.Name, "arguments": call.Arguments,
	}
	return observed, append(turns, result), nil
}

// respondParse reads the text of the answer into a struct, as a program does with this SDK.
func respondParse(job jobs.Job) (any, error) {
	response, _, err := respond(job, job.Request)
	if err != nil {
		return nil, err
	}
	var city struct {
		CapitalCity string `json:"capital_city"`
	}
	if err := json.Unmarshal([]byte(response.OutputText()), &city); err != nil {
		return nil, err
	}
	summary := summarizeResponse(response)
	summary["parsed"] = city
	return summary, nil
}

// respondFollowUp continues a conversation by the id of its last response.
func respondFollowUp(job jobs.Job) (any, error) {
	first, _, err := respond(job, job.Request)
	if err != nil {
		return nil, err
	}
	request, err := jobs.Change(job.Request, jobs.Object{
		"input": jobs.FollowUp, "previous_response_id": first.ID,
	})
	if err != nil {
		return nil, err
	}
	second, _, err := respond(job, request)
	if err != nil {
		return nil, err
	}
	return jobs.Object{"first": summarizeResponse(first), "second": summarizeResponse(second)}, nil
}
