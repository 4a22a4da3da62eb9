// Package jobs has the common parts of the Go drivers. A driver reads jobs from standard input and
// writes replies to standard output, as JSON lines.
package jobs

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"runtime/debug"
	"strings"
	"sync/atomic"
)

const (
	maxRequests = 80   // to reach a rate limit
	maxMessage  = 2000 // bytes of an error's message
)

// ToolResult is what the tool of each round trip returns.
const ToolResult = "17 degrees"

// FollowUp is the second question of each conversation that is continued by an id.
const FollowUp = "What is my dog called? Answer with the name only."

// Object is a JSON object.
type Object = map[string]any

// Job is one job of the harness.
type Job struct {
	Script  string `json:"script"`
	BaseURL string `json:"base_url"`
	APIKey  string `json:"api_key"`
	Model   string `json:"model"`
	// Protocol is the endpoint: openai, responses, embeddings or anthropic.
	Protocol string          `json:"protocol"`
	Request  json.RawMessage `json:"request"`
	// Client is the HTTP client of the SDK; nil for its own.
	Client *http.Client `json:"-"`
}

// Script runs one job with the SDK and returns what a program observes.
type Script func(Job) (any, error)

// APIError is what a caller who catches the SDK's error can read from it.
type APIError struct {
	Class     string          `json:"class"`
	Bases     []string        `json:"bases,omitempty"`
	Message   string          `json:"message"`
	At        string          `json:"at,omitempty"`
	Status    int             `json:"status,omitempty"`
	Type      string          `json:"type,omitempty"`
	RequestID string          `json:"request_id,omitempty"`
	Body      json.RawMessage `json:"body,omitempty"`
}

// errNotReached says that the situation that a script tests did not occur, which is not a failure.
var errNotReached = errors.New("the situation did not occur")

// errPanic says that the SDK panicked.
type errPanic struct{ value, at string }

func (e errPanic) Error() string { return e.value }

// Scripts are the scripts of an SDK by protocol and name.
type Scripts = map[string]map[string]Script

// Serve runs jobs, one after the other, until standard input ends. `describe` reads the SDK's own
// type of error; it returns false for any other.
func Serve(scripts Scripts, describe func(error) (APIError, bool)) {
	out := json.NewEncoder(os.Stdout)
	os.Stdout = os.Stderr // an SDK that prints must not write between the replies
	in := bufio.NewReader(os.Stdin)
	for {
		line, err := in.ReadBytes('\n')
		if len(line) > 0 {
			if failure := out.Encode(reply(scripts, describe, line)); failure != nil {
				_ = out.Encode(Object{"ok": false, "error": describeOther(failure)})
			}
		}
		if err != nil {
			if err != io.EOF {
				fmt.Fprintln(os.Stderr, err)
			}
			return
		}
	}
}

func reply(
	scripts Scripts, describe func(error) (APIError, bool), line []byte,
) Object {
	var job Job
	if err := json.Unmarshal(line, &job); err != nil {
		return Object{"ok": false, "environment": err.Error()}
	}
	script, known := scripts[job.Protocol][job.Script]
	if !known {
		return Object{"ok": false, "environment": "the driver has no script " + job.Script}
	}
	result, err := run(script, job)
	if err == nil {
		return Object{"ok": true, "result": result}
	}
	if errors.Is(err, errNotReached) {
		return Object{"ok": false, "environment": err.Error()}
	}
	if described, ok := describe(err); ok {
		described.Message = cut(described.Message)
		if !json.Valid(described.Body) {
			described.Body = nil
		}
		return Object{"ok": false, "error": described}
	}
	return Object{"ok": false, "error": describeOther(err)}
}

// run returns a panic of the SDK as an error, since a program would end with it.
func run(script Script, job Job) (result any, err error) {
	// The harness closes the connections of a job, of which a client with the common transport would
	// learn too late.
	defer http.DefaultClient.CloseIdleConnections()
	defer func() {
		if value := recover(); value != nil {
			err = errPanic{fmt.Sprint(value), panicLocation(string(debug.Stack()))}
		}
	}()
	return script(job)
}

func describeOther(err error) APIError {
	described := APIError{Class: typeName(err), Message: cut(err.Error())}
	for base := errors.Unwrap(err); base != nil; base = errors.Unwrap(base) {
		described.Bases = append(described.Bases, typeName(base))
	}
	var panicked errPanic
	if errors.As(err, &panicked) {
		described.Class, described.At = "panic", panicked.at
	}
	return described
}

func typeName(err error) string { return strings.TrimPrefix(fmt.Sprintf("%T", err), "*") }

func cut(text string) string {
	if len(text) > maxMessage {
		text = text[:maxMessage]
	}
	return strings.ToValidUTF8(text, "")
}

// panicLocation returns the place of the panic: the first file below the runtime's own.
func panicLocation(stack string) string {
	_, after, found := strings.Cut(stack, "\npanic(")
	if !found {
		return ""
	}
	for _, line := range strings.Split(after, "\n")[2:] {
		if place := strings.TrimSpace(line); strings.HasPrefix(line, "\t") {
			return place[strings.LastIndexByte(place, '/')+1:]
		}
	}
	return ""
}

// Parameters reads a request as the SDK's type.
func Parameters[Params any](request json.RawMessage) (params Params, err error) {
	err = json.Unmarshal(request, &params)
	return params, err
}

// Header returns the headers of an answer; none if there was no answer.
func Header(answer *http.Response) http.Header {
	if answer == nil {
		return nil
	}
	return answer.Header
}

// Change returns the request with members replaced, and without those that are nil.
func Change(request json.RawMessage, changes Object) (json.RawMessage, error) {
	members := map[string]any{}
	if err := json.Unmarshal(request, &members); err != nil {
		return nil, err
	}
	for name, value := range changes {
		if value == nil {
			delete(members, name)
		} else {
			members[name] = value
		}
	}
	return json.Marshal(members)
}

// turns returns the list in a field of the request, and what is appended to it.
func turns(request json.RawMessage, field string, more ...any) ([]any, error) {
	var given map[string]json.RawMessage
	if err := json.Unmarshal(request, &given); err != nil {
		return nil, err
	}
	var list []any
	err := json.Unmarshal(given[field], &list)
	return append(list, more...), err
}

// CheckArguments returns an error if the arguments of a call are not JSON, as a program that reads
// them would.
func CheckArguments(arguments string) error {
	var members Object
	if err := json.Unmarshal([]byte(arguments), &members); err != nil {
		return fmt.Errorf("the arguments %q of the call: %w", arguments, err)
	}
	return nil
}

// CountingClient is an HTTP client that counts the answers with status 429.
type CountingClient struct {
	http.Client
	refusals atomic.Int64
}

// NewCountingClient returns a client with the transport of the standard library.
func NewCountingClient() *CountingClient {
	client := &CountingClient{}
	client.Transport = client
	return client
}

// RoundTrip sends one request; it is called by the HTTP client for each.
func (c *CountingClient) RoundTrip(request *http.Request) (*http.Response, error) {
	response, err := http.DefaultTransport.RoundTrip(request)
	if err == nil && response.StatusCode == http.StatusTooManyRequests {
		c.refusals.Add(1)
	}
	return response, err
}

// SendUntilRetried sends requests until the SDK retried one, and adds how many to the summary of
// the last answer.
func (c *CountingClient) SendUntilRetried(send func() (Object, error)) (any, error) {
	for count := 1; count <= maxRequests; count++ {
		summary, err := send()
		if err != nil {
			return nil, err
		}
		if retries := c.refusals.Load(); retries > 0 {
			summary["asked"], summary["retries"] = count, retries
			return summary, nil
		}
	}
	return nil, fmt.Errorf(
		"%w: %d requests with the limited key caused no 429", errNotReached, maxRequests)
}
