package jobs

import (
	"encoding/json"
	"net/http"
	"strings"
)

// Endpoint is how an SDK uses one endpoint: its type of answers, and its type of stream events.
type Endpoint[Answer, Event any] struct {
	// Turns is the field of the request with the turns of the conversation.
	Turns string
	// RequestID is the header with the id of the request.
	RequestID string
	// Create sends a request, and returns the headers of the answer as well.
	Create func(Job, json.RawMessage) (Answer, http.Header, error)
	// Stream reads a stream to its end, and returns the answer that it adds up to.
	Stream func(Job, json.RawMessage, func(Event)) (Answer, http.Header, error)
	// Piece returns the text that an event adds.
	Piece func(Event) string
	// Data returns an event as an application gets it.
	Data func(Event) any
	// Next returns the tool call of an answer, and the turns that follow: the SDK's own, and the
	// result of the tool. It returns no turns if the answer has no call.
	Next func(Answer) (call any, turns []any, err error)
	// Summary returns what a program reads from an answer.
	Summary func(Answer) Object
}

// Scripts returns the scripts that are the same for all SDKs.
func (e Endpoint[Answer, Event]) Scripts() map[string]Script {
	return map[string]Script{
		"plain":        e.plain,
		"stream":       e.stream,
		"events":       e.events,
		"tools":        e.tools,
		"tools-stream": e.toolsStream,
	}
}

func (e Endpoint[Answer, Event]) plain(job Job) (any, error) {
	answer, header, err := e.Create(job, job.Request)
	if err != nil {
		return nil, err
	}
	summary := e.Summary(answer)
	summary["request_id"] = header.Get(e.RequestID)
	return summary, nil
}

func (e Endpoint[Answer, Event]) stream(job Job) (any, error) {
	pieces := []string{}
	answer, header, err := e.Stream(job, job.Request, func(event Event) {
		if text := e.Piece(event); text != "" {
			pieces = append(pieces, text)
		}
	})
	if err != nil {
		return nil, err
	}
	summary := e.Summary(answer)
	summary["pieces"], summary["joined"] = pieces, strings.Join(pieces, "")
	summary["request_id"] = header.Get(e.RequestID)
	return summary, nil
}

// events returns the events of a stream as an application iterates over them.
func (e Endpoint[Answer, Event]) events(job Job) (any, error) {
	received := []any{}
	_, _, err := e.Stream(job, job.Request, func(event Event) {
		received = append(received, e.Data(event))
	})
	return Object{"events": received}, err
}

func (e Endpoint[Answer, Event]) tools(job Job) (any, error) {
	return e.roundTrip(job, func(request json.RawMessage) (Answer, error) {
		answer, _, err := e.Create(job, request)
		return answer, err
	})
}

func (e Endpoint[Answer, Event]) toolsStream(job Job) (any, error) {
	return e.roundTrip(job, func(request json.RawMessage) (Answer, error) {
		answer, _, err := e.Stream(job, request, func(Event) {})
		return answer, err
	})
}

// roundTrip requests a tool call and sends its result.
func (e Endpoint[Answer, Event]) roundTrip(
	job Job, send func(json.RawMessage) (Answer, error),
) (any, error) {
	first, err := send(job.Request)
	if err != nil {
		return nil, err
	}
	call, more, err := e.Next(first)
	if err != nil {
		return nil, err
	}
	if more == nil {
		return Object{"call": Object{}, "first": e.Summary(first)}, nil
	}
	list, err := turns(job.Request, e.Turns, more...)
	if err != nil {
		return nil, err
	}
	request, err := Change(job.Request, Object{e.Turns: list, "tool_choice": nil})
	if err != nil {
		return nil, err
	}
	second, err := send(request)
	if err != nil {
		return nil, err
	}
	return Object{"call": call, "first": e.Summary(first), "second": e.Summary(second)}, nil
}

// Retry sends requests until one is refused, which the SDK then sends again by itself.
func (e Endpoint[Answer, Event]) Retry(job Job) (any, error) {
	counting := NewCountingClient()
	job.Client = &counting.Client
	return counting.SendUntilRetried(func() (Object, error) {
		answer, _, err := e.Create(job, job.Request)
		if err != nil {
			return nil, err
		}
		return e.Summary(answer), nil
	})
}
