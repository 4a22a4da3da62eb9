"""The reference gateway converts the provider's answers to the caller's protocol."""

from __future__ import annotations

import itertools
import json
from typing import Any

import pytest

from tests.support.gateway_behind_provider import (
    ROUTES,
    Body,
    GatewayWithProvider,
    data,
    events,
    header,
)

routes = pytest.mark.parametrize(("caller", "provider"), ROUTES)
modes = pytest.mark.parametrize("stream", [False, True], ids=["plain", "stream"])
CHAT_REASONS = {
    "end_turn": "stop",
    "max_tokens": "length",
    "stop_sequence": "stop",
    "tool_use": "tool_calls",
    "refusal": "content_filter",
    "pause_turn": "stop",
}
# Stop reasons of Anthropic after a translation through OpenAI.
UNMAPPED_REASONS = {"stop_sequence": "end_turn", "pause_turn": "end_turn"}
USAGE = {"input": 7, "output": 5, "cache_read": 3, "cache_write": 2}
CALLS: list[Body] = [
    {"tool": {"name": "get_weather", "input": {"city": "Zürich"}}},
    {"tool": {"name": "get_weather", "input": {"city": "Rome"}}},
]
FRAGMENTED: Body = {"fragments": 1, "bytes": True, "pings": 2, "gap": 0.001}


class Answer:
    """A plain answer or a stream of either protocol, merged."""

    def __init__(self, caller: str, reply: Body, stream: bool) -> None:
        self.reply, self.text = reply, ""
        self.reason: str | None = None
        self.calls: list[tuple[str, Any]] = []
        self.kinds: list[str] = []
        self.errors: list[Body] = []
        self.usage: Body = {}
        answer = events(reply) if stream and reply["status"] == 200 else [data(reply)]
        for one in answer:
            if one.get("error"):
                self.errors.append(one["error"])
            elif caller == "openai":
                self.chat(one)
            else:
                self.message(one)

    def chat(self, answer: Body) -> None:
        self.usage = answer.get("usage") or self.usage
        for choice in answer["choices"]:
            delta = choice.get("message") or choice["delta"]
            self.text += delta.get("content") or ""
            self.reason = choice["finish_reason"] or self.reason
            for call in delta.get("tool_calls") or ():
                if "id" in call:
                    self.calls.append((call["id"], ""))
                id_, arguments = self.calls[-1]
                self.calls[-1] = (id_, arguments + call["function"]["arguments"])

    def message(self, answer: Body) -> None:
        match answer["type"]:
            case "message":
                self.reason, self.usage = answer["stop_reason"], answer["usage"]
                for block in answer["content"]:
                    self.block(block)
            case "message_start":
                self.usage = answer["message"]["usage"]
            case "content_block_start":
                self.block(answer["content_block"])
            case "content_block_delta":
                delta = answer["delta"]
                self.text += delta.get("text", "")
                if delta["type"] == "input_json_delta":
                    id_, arguments = self.calls[-1]
                    self.calls[-1] = (id_, arguments + delta["partial_json"])
            case "message_delta":
                self.reason = answer["delta"]["stop_reason"]
                self.usage = {**self.usage, **answer["usage"]}

    def block(self, block: Body) -> None:
        self.kinds.append(block["type"])
        self.text += block.get("text", "")
        if block["type"] == "tool_use":
            given = block["input"]
            self.calls.append((block["id"], json.dumps(given) if given else ""))

    def cities(self) -> list[str]:
        return [json.loads(arguments)["city"] for _, arguments in self.calls]


def read_answer(
    caller: str, provider: str, reply: Body, stream: bool, more: Body | None = None
) -> Answer:
    gateway_and_provider = GatewayWithProvider(caller, provider, reply)
    options = {"stream_options": {"include_usage": True}} if caller == "openai" and stream else {}
    return Answer(
        caller, gateway_and_provider.ask({"stream": stream, **options, **(more or {})}), stream
    )


@routes
@modes
def test_every_stop_reason_is_mapped(caller: str, provider: str, stream: bool) -> None:
    for stop, finish_reason in CHAT_REASONS.items():
        answer = read_answer(caller, provider, {"text": "One", "stop": stop}, stream)
        if caller == "openai":
            expected = finish_reason
        else:
            expected = stop if provider == "anthropic" else UNMAPPED_REASONS.get(stop, stop)
        assert (answer.reason, answer.text) == (expected, "One")


@routes
@modes
def test_native_finish_reason_is_not_forwarded(caller: str, provider: str, stream: bool) -> None:
    answer = read_answer(caller, provider, {"text": "One", "native": "MAX_TOKENS"}, stream)
    same = caller == provider == "anthropic"  # unknown reasons are forwarded unchanged
    assert answer.reason == ("MAX_TOKENS" if same else {"openai": "stop"}.get(caller, "end_turn"))


@modes
def test_stop_sequence_is_returned_if_known(stream: bool) -> None:
    reply = {"text": "One", "stop": "stop_sequence", "stop_sequence": "END"}
    answer = read_answer("anthropic", "anthropic", reply, stream).reply
    assert b'"stop_sequence":"END"' in b"".join(answer["chunks"])


@routes
@modes
def test_usage_is_exact(caller: str, provider: str, stream: bool) -> None:
    used = read_answer(caller, provider, {"text": "One", "usage": USAGE}, stream).usage
    if caller == "openai":
        assert used == {"prompt_tokens": 12, "completion_tokens": 5, "total_tokens": 17}
    else:
        assert (used["input_tokens"], used["output_tokens"]) == (7, 5)
        cached = (used["cache_read_input_tokens"], used["cache_creation_input_tokens"])
        assert cached == (3, 2)


@routes
@modes
def test_several_calls_in_fragments(caller: str, provider: str, stream: bool) -> None:
    answer = read_answer(caller, provider, {"parts": CALLS, **FRAGMENTED}, stream)
    assert answer.cities() == ["Zürich", "Rome"]
    assert answer.reason == {"openai": "tool_calls", "anthropic": "tool_use"}[caller]
    assert len({id_ for id_, _ in answer.calls}) == 2
    assert answer.kinds in ([], ["tool_use", "tool_use"])


@routes
@modes
def test_call_ids_are_those_of_the_provider(caller: str, provider: str, stream: bool) -> None:
    answer = read_answer(caller, provider, {"parts": CALLS}, stream)
    assert [id_.partition("_")[0] for id_, _ in answer.calls] == (
        ["toolu"] * 2 if provider == "anthropic" else ["call"] * 2
    )


@routes
def test_a_call_without_arguments_has_an_empty_object(caller: str, provider: str) -> None:
    answer = read_answer(caller, provider, {"parts": [{"tool": {"name": "now"}}]}, stream=False)
    assert answer.calls[0][1] in ("{}", "")


@routes
@modes
def test_multibyte_characters_are_not_split(caller: str, provider: str, stream: bool) -> None:
    answer = read_answer(caller, provider, {"text": "Grüße, 世界 🌍", **FRAGMENTED}, stream)
    assert answer.text == "Grüße, 世界 🌍"
    if stream:
        assert all(b"\xef\xbf\xbd" not in chunk for chunk in answer.reply["chunks"])


@modes
def test_thinking_is_not_sent_to_openai_callers(stream: bool) -> None:
    reply = {"parts": [{"thinking": "Secretly."}, {"text": "Hi"}]}
    answer = read_answer("openai", "anthropic", reply, stream)
    assert answer.text == "Hi"
    assert b"Secretly" not in b"".join(answer.reply["chunks"])


@modes
def test_thinking_is_kept_for_anthropic_callers(stream: bool) -> None:
    parts = [{"thinking": "Hm."}, {"text": "One"}, *CALLS, {"text": "two"}]
    answer = read_answer("anthropic", "anthropic", {"parts": parts}, stream)
    assert answer.kinds == ["thinking", "text", "tool_use", "tool_use", "text"]
    assert answer.cities() == ["Zürich", "Rome"]
    assert b"Hm." in b"".join(answer.reply["chunks"])


@modes
def test_no_block_is_added(stream: bool) -> None:
    assert read_answer("anthropic", "openai", {"parts": CALLS}, stream).kinds == ["tool_use"] * 2
    answer = read_answer("anthropic", "openai", {"text": "", "stop": "refusal"}, stream)
    assert (answer.kinds, answer.reason) == ([], "refusal")


@modes
@pytest.mark.parametrize("provider", ["openai", "anthropic"])
def test_empty_fields_stay_empty(provider: str, stream: bool) -> None:
    extra = {"system_fingerprint": "fp_1", "service_tier": "priority", "logprobs": {"content": []}}
    reply = {
        "text": "One",
        "extra": extra,
        "usage": USAGE,
        "headers": [["openai-processing-ms", "9"]],
    }
    answer = read_answer("openai", provider, reply, stream)
    whole = b"".join(answer.reply["chunks"])
    for word in (b"fp_1", b"priority", b"_details", b'"content":[]', b"annotations"):
        assert word not in whole
    assert header(answer.reply, "openai-processing-ms") == []


def test_stop_with_tool_calls_is_reported_as_a_call() -> None:
    reply = {"parts": CALLS, "native": "stop"}
    for caller in ("openai", "anthropic"):
        answer = read_answer(caller, "openai", reply, stream=False)
        assert answer.reason == {"openai": "tool_calls", "anthropic": "tool_use"}[caller]


def test_refusal_text_is_forwarded() -> None:
    message = {"role": "assistant", "content": None, "refusal": "I would rather not."}
    body = {"choices": [{"index": 0, "message": message, "finish_reason": "stop"}]}
    answer = read_answer("anthropic", "openai", {"body": body}, stream=False)
    assert (answer.text, answer.reason) == ("I would rather not.", "refusal")


def test_truncated_call_is_dropped() -> None:
    function = {"name": "f", "arguments": '{"a'}
    call = {"id": "c", "type": "function", "function": function}
    choice = {"message": {"content": "Hm", "tool_calls": [call]}, "finish_reason": "length"}
    answer = read_answer("anthropic", "openai", {"body": {"choices": [choice]}}, stream=False)
    assert (answer.kinds, answer.reason) == (["text"], "max_tokens")


# --- limits ------------------------------------------------------------------------------------

LIMITS = {
    "anthropic": [
        ["anthropic-ratelimit-requests-limit", "50"],
        ["anthropic-ratelimit-tokens-remaining", "123"],
        ["anthropic-ratelimit-requests-reset", "2026-01-01T00:00:00Z"],
    ],
    "openai": [
        ["x-ratelimit-limit-requests", "50"],
        ["x-ratelimit-remaining-tokens", "123"],
        ["x-ratelimit-reset-requests", "1m2s"],
    ],
}
LIMIT_HEADERS = {
    "anthropic": [name for name, _ in LIMITS["anthropic"]],
    "openai": [name for name, _ in LIMITS["openai"]],
}
RESET = {
    ("openai", "anthropic"): "2026-01-01T00:00:00Z",
    ("anthropic", "anthropic"): "2026-01-01T00:00:00Z",
    ("openai", "openai"): "1m2s",
    ("anthropic", "openai"): "1970-01-01T00:01:02Z",
}


@routes
@pytest.mark.parametrize("status", [200, 429])
def test_rate_limit_headers_are_those_of_the_provider(
    caller: str, provider: str, status: int
) -> None:
    again = [["retry-after", "30"], ["retry-after-ms", "29500"]] if status == 429 else []
    reply = {"status": status, "text": "One", "headers": [*LIMITS[provider], *again]}
    response = GatewayWithProvider(caller, provider, reply).ask()
    assert response["status"] == status
    values = [header(response, name) for name in LIMIT_HEADERS[caller]]
    assert values == [["50"], ["123"], [RESET[caller, provider]]]
    assert header(response, "retry-after") == (["30"] if again else [])
    assert header(response, "retry-after-ms") == (["29500"] if again else [])


def test_unreadable_reset_header_is_dropped() -> None:
    headers = [["x-ratelimit-reset-tokens", "soon"]]
    response = GatewayWithProvider("anthropic", "openai", {"text": "x", "headers": headers}).ask()
    assert "soon" not in header(response, "anthropic-ratelimit-tokens-reset")


# --- errors ------------------------------------------------------------------------------------

ERROR_TYPES = {
    400: ("invalid_request_error", "invalid_request_error"),
    404: ("invalid_request_error", "not_found_error"),
    413: ("invalid_request_error", "request_too_large"),
    429: ("rate_limit_error", "rate_limit_error"),
    500: ("server_error", "api_error"),
    502: ("server_error", "api_error"),
    504: ("server_error", "timeout_error"),
}


def error_object(caller: str, reply: Body) -> Body:
    """The error object, which must be that of the caller's protocol."""
    assert header(reply, "content-type") == ["application/json"]
    whole = data(reply)
    if caller == "openai":
        assert set(whole) == {"error"}
        assert set(whole["error"]) == {"message", "type", "param", "code"}
    else:
        assert whole["type"] == "error"
        assert set(whole["error"]) == {"type", "message"}
    error: Body = whole["error"]
    assert error["message"]
    return error


@routes
@modes
def test_errors_keep_their_status_and_refusals_their_text_but_for_rate_limits(
    caller: str, provider: str, stream: bool
) -> None:
    for status, types in ERROR_TYPES.items():
        reply = {"status": status, "error": {"message": "Not like that."}}
        response = GatewayWithProvider(caller, provider, reply).ask({"stream": stream})
        error = error_object(caller, response)
        assert response["status"] == status
        assert (error["message"] == "Not like that.") == (status < 500 and status != 429)
        assert error["type"] == types[caller == "anthropic"]


@routes
@pytest.mark.parametrize("status", [401, 403])
def test_refused_key_of_the_gateway_is_an_error_of_the_gateway(
    caller: str, provider: str, status: int
) -> None:
    reply = {"status": status, "error": {"message": "sk-1234 is wrong."}}
    response = GatewayWithProvider(caller, provider, reply).ask()
    error = error_object(caller, response)
    assert response["status"] == 502
    assert "sk-1234" not in error["message"]


@routes
@pytest.mark.parametrize("status", [503, 529])
def test_overload_has_the_status_of_the_callers_protocol(
    caller: str, provider: str, status: int
) -> None:
    response = GatewayWithProvider(caller, provider, {"status": status}).ask()
    error = error_object(caller, response)
    assert response["status"] == {"openai": 503, "anthropic": 529}[caller]
    assert (
        error["type"]
        == {
            "openai": "service_unavailable_error",
            "anthropic": "overloaded_error",
        }[caller]
    )


@pytest.mark.parametrize(
    ("reply", "status"),
    [
        ({"status": 500, "raw": "<html>Oops</html>"}, 500),
        ({"status": 502, "raw": ""}, 502),
        ({"status": 500, "body": {"error": "text"}}, 500),
        ({"status": 500, "body": {"error": {"message": 7}}}, 500),
        ({"status": 500, "body": [1]}, 500),
        ({"status": 302, "raw": "Elsewhere"}, 502),
        ({"raw": "<html>Hello</html>"}, 502),
        ({"body": {"odd": 1}}, 502),
        ({"fail": {"after": 0, "with": "drop"}}, 502),
        ({"fail": {"after": 0, "with": "silence"}}, 502),
    ],
    ids=lambda value: str(value)[:40],
)
def test_every_provider_failure_is_an_error_object(reply: Body, status: int) -> None:
    for (caller, provider), stream in itertools.product(ROUTES, (False, True)):
        response = GatewayWithProvider(caller, provider, reply).ask({"stream": stream})
        assert (caller, provider, stream, response["status"]) == (caller, provider, stream, status)
        assert "html" not in error_object(caller, response)["message"]


@routes
@pytest.mark.parametrize("how", ["drop", "silence", "error"])
def test_incomplete_plain_answer_is_an_error(caller: str, provider: str, how: str) -> None:
    response = GatewayWithProvider(caller, provider, {"fail": {"after": 2, "with": how}}).ask()
    error_object(caller, response)
    assert response["status"] >= 500


@routes
@pytest.mark.parametrize("how", ["drop", "silence", "error"])
@pytest.mark.parametrize("bytes_", [False, True])
def test_failed_stream_ends_with_an_error(
    caller: str, provider: str, how: str, bytes_: bool
) -> None:
    fail = {"after": 2, "with": how}
    reply = {"text": "abcd", "cut": [1, 2, 3], "bytes": bytes_, "fail": fail}
    answer = read_answer(caller, provider, reply, stream=True)
    whole = b"".join(answer.reply["chunks"])
    assert (answer.text, answer.reason) == ("ab", None)
    assert len(answer.errors) == 1
    assert whole.rstrip().endswith(b"}")
    for end in (b"[DONE]", b"message_stop", b"message_delta"):
        assert end not in whole
    kinds = {"anthropic": "overloaded_error", "openai": "service_unavailable_error"}
    if how == "error" and provider == "anthropic":
        assert answer.errors[0]["type"] == kinds[caller]


@routes
@pytest.mark.parametrize("how", ["drop", "error"])
def test_interrupted_calls_are_not_completed(caller: str, provider: str, how: str) -> None:
    reply = {"parts": CALLS, "fragments": 1, "fail": {"after": 20, "with": how}}
    answer = read_answer(caller, provider, reply, stream=True)
    assert answer.cities() in (["Zürich"], [])
    assert len(answer.errors) == 1


@routes
def test_error_before_the_first_content_has_a_status(caller: str, provider: str) -> None:
    error = b'event: error\ndata: {"type":"error","error":{"type":"rate_limit_error"}}\n\n'
    reply = {"raw": error.decode(), "content_type": "text/event-stream"}
    response = GatewayWithProvider(caller, provider, reply).ask({"stream": True})
    error_object(caller, response)
    assert response["status"] == 429


def test_count_tokens_can_fail() -> None:
    gateway_and_provider = GatewayWithProvider(
        "anthropic", "anthropic", overrides={"forward.anthropic.auth": lambda *_: []}
    )
    reply = gateway_and_provider.ask({"max_tokens": ...}, path="/v1/messages/count_tokens")
    assert reply["status"] == 502
    assert error_object("anthropic", reply)["type"] == "api_error"


@routes
def test_equal_requests_get_equal_replies(caller: str, provider: str) -> None:
    for stream in (False, True):
        first, second = (
            GatewayWithProvider(caller, provider, {"parts": CALLS}).ask({"stream": stream})
            for _ in range(2)
        )
        assert first == second
