package main

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"

	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"
	"github.com/openai/openai-go/v3/responses"

	"llm-conformance/jobs"
)

// responseScripts are the scripts of the Responses endpoint.
var responseScripts = map[string]jobs.Script{
	"plain":        respondPlain,
	"stream":       respondStream,
	"events":       respondEvents,
	"tools":        respondTools,
	"tools-stream": respondToolsStream,
	"parse":        respondParse,
	"follow-up":    respondFollowUp,
	"retry":        respondRetry,
}

func responseParameters(request json.RawMessage) (params responses.ResponseNewParams, err error) {
	if request, err = typedMessages(request); err == nil {
		err = json.Unmarshal(request, &params)
	}
	return params, err
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
	api openai.Client, request json.RawMessage, more ...option.RequestOption,
) (*responses.Response, error) {
	params, err := responseParameters(request)
	if err != nil {
		return nil, err
	}
	return api.Responses.New(context.Background(), params, more...)
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

func respondPlain(job jobs.Job) (any, error) {
	var answer *http.Response
	response, err := respond(client(job), job.Request, option.WithResponseInto(&answer))
	if err != nil {
		return nil, err
	}
	summary := summarizeResponse(response)
	summary["request_id"] = answer.Header.Get("x-request-id")
	return summary, nil
}

// readResponse reads a stream and returns the response of its last event.
func readResponse(
	job jobs.Job, request json.RawMessage, each func(responses.ResponseStreamEventUnion),
) (*responses.Response, error) {
	params, err := responseParameters(request)
	if err != nil {
		return nil, err
	}
	api := client(job)
	events := api.Responses.NewStreaming(context.Background(), params)
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
	return last, events.Err()
}

func respondStream(job jobs.Job) (any, error) {
	pieces := []string{}
	response, err := readResponse(job, job.Request, func(event responses.ResponseStreamEventUnion) {
		if event.Type == "response.output_text.delta" {
			pieces = append(pieces, event.Delta)
		}
	})
	if err != nil {
		return nil, err
	}
	summary := summarizeResponse(response)
	summary["pieces"], summary["joined"] = pieces, strings.Join(pieces, "")
	return summary, nil
}

// respondEvents returns the events of a stream as an application iterates over them.
func respondEvents(job jobs.Job) (any, error) {
	received := []json.RawMessage{}
	_, err := readResponse(job, job.Request, func(event responses.ResponseStreamEventUnion) {
		received = append(received, json.RawMessage(event.RawJSON()))
	})
	return jobs.Object{"events": received}, err
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

func respondTools(job jobs.Job) (any, error) {
	send := func(request json.RawMessage) (*responses.Response, error) {
		return respond(client(job), request)
	}
	return jobs.RoundTrip(job, "input", send, nextItems, summarizeResponse)
}

func respondToolsStream(job jobs.Job) (any, error) {
	send := func(request json.RawMessage) (*responses.Response, error) {
		return readResponse(job, request, func(responses.ResponseStreamEventUnion) {})
	}
	return jobs.RoundTrip(job, "input", send, nextItems, summarizeResponse)
}

// respondParse reads the text of the answer into a struct, as a program does with this SDK.
func respondParse(job jobs.Job) (any, error) {
	response, err := respond(client(job), job.Request)
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
	first, err := respond(client(job), job.Request)
	if err != nil {
		return nil, err
	}
	request, err := jobs.Change(job.Request, jobs.Object{
		"input": jobs.FollowUp, "previous_response_id": first.ID,
	})
	if err != nil {
		return nil, err
	}
	second, err := respond(client(job), request)
	if err != nil {
		return nil, err
	}
	return jobs.Object{"first": summarizeResponse(first), "second": summarizeResponse(second)}, nil
}

// respondRetry sends requests until one is refused, which the SDK then sends again by itself.
func respondRetry(job jobs.Job) (any, error) {
	counting := jobs.NewCountingClient()
	api := client(job, option.WithHTTPClient(&counting.Client))
	return counting.SendUntilRetried(func() (jobs.Object, error) {
		response, err := respond(api, job.Request)
		if err != nil {
			return nil, err
		}
		return summarizeResponse(response), nil
	})
}
