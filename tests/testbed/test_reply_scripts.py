"""Reply scripts control what the mock provider sends."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.support.gateway_behind_provider import (
    PAGES,
    Body,
    ScriptedUpstream,
    data,
    events,
    header,
)

PARTS: list[Body] = [
    {"thinking": "Hm."},
    {"text": "Grüße"},
    {"tool": {"name": "get_weather", "input": {"city": "Paris"}}},
    {"text": ", 世界"},
    {"tool": {"name": "now"}},
]
USAGE = {"input": 7, "output": 5, "cache_read": 3, "cache_write": 2}
both = pytest.mark.parametrize("protocol", ["openai", "anthropic"])
FINISH_REASONS = {
    "end_turn": "stop",
    "max_tokens": "length",
    "stop_sequence": "stop",
    "tool_use": "tool_calls",
    "refusal": "content_filter",
    "pause_turn": "stop",
    "model_context_window_exceeded": "length",
}


def plain(protocol: str, reply: Body, more: Body | None = None) -> Any:
    return data(ScriptedUpstream(reply).ask(protocol, more))


def streamed(protocol: str, reply: Body) -> Body:
    stream = ScriptedUpstream(reply).ask(protocol, {"stream": True})
    assert header(stream, "content-type") == ["text/event-stream"]
    return stream


def deltas(protocol: str, reply: Body) -> list[str]:
    """The pieces of text in a stream."""
    stream_events = events(streamed(protocol, reply))
    if protocol == "anthropic":
        content_deltas = [
            event["delta"] for event in stream_events if event["type"] == "content_block_delta"
        ]
        return [delta["text"] for delta in content_deltas if delta["type"] == "text_delta"]
    if protocol == "responses":
        return [event["delta"] for event in stream_events if event["type"].endswith("text.delta")]
    chunks = [event["choices"][0] for event in stream_events if "choices" in event]
    return [text for chunk in chunks if (text := chunk["delta"].get("content"))]


def test_anthropic_sends_parts_in_order() -> None:
    content = plain("anthropic", {"parts": PARTS})["content"]
    assert [b["type"] for b in content] == ["thinking", "text", "tool_use", "text", "tool_use"]
    assert content[2]["input"] == {"city": "Paris"}
    assert content[2]["id"] != content[4]["id"]


def test_openai_joins_texts_and_omits_thinking() -> None:
    whole = plain("openai", {"parts": PARTS})
    message = whole["choices"][0]["message"]
    assert message["content"] == "Grüße, 世界"
    names = [call["function"]["name"] for call in message["tool_calls"]]
    assert names == ["get_weather", "now"]
    assert "Hm." not in json.dumps(whole)


def test_responses_are_items() -> None:
    output = plain("responses", {"parts": PARTS})["output"]
    kinds = [item["type"] for item in output]
    assert kinds == ["reasoning", "message", "function_call", "function_call"]


@pytest.mark.parametrize("stop", FINISH_REASONS)
def test_finish_reasons_use_the_words_of_the_protocol(stop: str) -> None:
    reply = {"text": "One", "stop": stop}
    assert plain("anthropic", reply)["stop_reason"] == stop
    assert plain("openai", reply)["choices"][0]["finish_reason"] == FINISH_REASONS[stop]
    last = events(streamed("openai", reply))[-1]
    assert last["choices"][0]["finish_reason"] == FINISH_REASONS[stop]
    events_ = events(streamed("anthropic", reply))
    assert events_[-2]["delta"]["stop_reason"] == stop


@pytest.mark.parametrize("stop", ["max_tokens", "refusal"])
def test_a_response_that_stops_early_is_incomplete(stop: str) -> None:
    answer = plain("responses", {"text": "One", "stop": stop})
    assert answer["status"] == "incomplete"
    assert answer["incomplete_details"]["reason"]


def test_native_finish_reason_is_sent_unchanged() -> None:
    reply = {"text": "One", "native": "MAX_TOKENS"}
    assert plain("anthropic", reply)["stop_reason"] == "MAX_TOKENS"
    assert plain("openai", reply)["choices"][0]["finish_reason"] == "MAX_TOKENS"


def test_the_stop_sequence_is_named() -> None:
    reply = {"text": "One", "stop": "stop_sequence", "stop_sequence": "END"}
    assert plain("anthropic", reply)["stop_sequence"] == "END"
    answer = plain("anthropic", {"text": "x", "stop": "stop_sequence"}, {"stop_sequences": ["A"]})
    assert answer["stop_sequence"] == "A"


def test_usage_is_that_of_the_script() -> None:
    used = plain("anthropic", {"text": "One", "usage": USAGE})["usage"]
    assert (used["input_tokens"], used["output_tokens"]) == (7, 5)
    assert (used["cache_read_input_tokens"], used["cache_creation_input_tokens"]) == (3, 2)
    used = plain("openai", {"text": "One", "usage": USAGE})["usage"]
    assert (used["prompt_tokens"], used["completion_tokens"], used["total_tokens"]) == (12, 5, 17)
    assert used["prompt_tokens_details"]["cached_tokens"] == 3
    used = plain("responses", {"text": "One", "usage": USAGE})["usage"]
    assert (used["input_tokens"], used["output_tokens"], used["total_tokens"]) == (12, 5, 17)


def test_script_without_content_uses_the_toy_model() -> None:
    answer = plain("anthropic", {"usage": {"output": 99}})
    assert answer["content"][0]["text"] == "ready"
    assert answer["usage"]["output_tokens"] == 99


@both
def test_extra_fields_are_merged_over_the_answer(protocol: str) -> None:
    reply = {"text": "One", "extra": {"system_fingerprint": "fp_1", "provider": "x"}}
    assert plain(protocol, reply)["provider"] == "x"
    first = events(streamed(protocol, reply))[0]
    assert first.get("message", first)["system_fingerprint"] == "fp_1"


@pytest.mark.parametrize("protocol", PAGES)
def test_text_is_split_at_the_given_offsets(protocol: str) -> None:
    assert deltas(protocol, {"text": "abcdefg", "cut": [2, 5]}) == ["ab", "cde", "fg"]
    assert deltas(protocol, {"text": "abc", "cut": [0, 3, 9]}) == ["abc"]
    assert deltas(protocol, {"text": "äöü", "fragments": 1}) == ["ä", "ö", "ü"]


def test_arguments_come_in_fragments() -> None:
    parts = [{"tool": {"name": "f", "input": {"a": "ü"}}}, {"tool": {"name": "g", "input": {}}}]
    reply = {"parts": parts, "fragments": 1}
    stream_events = events(streamed("anthropic", reply))
    json_pieces = [
        e["delta"]["partial_json"] for e in stream_events if e["type"] == "content_block_delta"
    ]
    assert json_pieces == [*'{"a":"ü"}', *"{}"]
    calls: dict[int, str] = {}
    for event in events(streamed("openai", reply)):
        for piece in event["choices"][0]["delta"].get("tool_calls") or ():
            assert len(piece["function"]["arguments"]) <= 1
            at = piece["index"]
            calls[at] = calls.get(at, "") + piece["function"]["arguments"]
    assert {at: json.loads(text) for at, text in calls.items()} == {0: {"a": "ü"}, 1: {}}
    stream_events = events(streamed("responses", reply))
    pieces = [
        e["delta"] for e in stream_events if e["type"] == "response.function_call_arguments.delta"
    ]
    assert max(map(len, pieces)) == 1


@pytest.mark.parametrize("protocol", PAGES)
def test_one_byte_at_a_time(protocol: str) -> None:
    whole = b"".join(streamed(protocol, {"text": "世界"})["chunks"])
    stream = streamed(protocol, {"text": "世界", "bytes": True})
    assert {len(chunk) for chunk in stream["chunks"]} == {1}
    assert len(stream["chunks"]) == len(stream["pauses"])
    assert len(b"".join(stream["chunks"])) == len(whole)
    reply = ScriptedUpstream({"text": "世界", "bytes": True}).ask(protocol)
    assert {len(chunk) for chunk in reply["chunks"]} == {1}


@pytest.mark.parametrize(
    ("protocol", "ping"), [("anthropic", b"event: ping\n"), ("openai", b": ping\n\n")]
)
def test_pings_come_between_events(protocol: str, ping: bytes) -> None:
    reply = streamed(protocol, {"text": "One two three", "pings": 2})["chunks"]
    assert not reply[0].startswith(ping)
    assert not reply[-1].startswith(ping)
    for at in range(0, len(reply) - 3, 3):
        assert all(chunk.startswith(ping) for chunk in reply[at + 1 : at + 3])


@pytest.mark.parametrize("protocol", PAGES)
def test_gap_precedes_the_second_delta(protocol: str) -> None:
    reply = streamed(protocol, {"text": "abcd", "cut": [1, 2, 3], "gap": 1.5})
    slow = [chunk for pause, chunk in zip(reply["pauses"], reply["chunks"], strict=True) if pause]
    assert len(slow) == 1
    assert b'"b"' in slow[0]
    assert ScriptedUpstream({"gap": 1.5}).ask(protocol)["pauses"] == [1.5]


# --- errors ------------------------------------------------------------------------------------


@pytest.mark.parametrize("protocol", PAGES)
def test_error_has_the_format_of_the_requested_protocol(protocol: str) -> None:
    error_fields = {"type": "rate_limit_error", "message": "Slow down."}
    reply = {"status": 429, "error": error_fields, "headers": [["retry-after", 7]]}
    for more in ({}, {"stream": True}):
        response = ScriptedUpstream(reply).ask(protocol, more)
        assert response["status"] == 429
        assert header(response, "content-type") == ["application/json"]
        assert header(response, "retry-after") == ["7"]
        error = data(response)["error"]
        assert (error["type"], error["message"]) == ("rate_limit_error", "Slow down.")
        assert (data(response).get("type") == "error") == (protocol == "anthropic")


@pytest.mark.parametrize(
    ("protocol", "status", "kind"),
    [
        ("anthropic", 529, "overloaded_error"),
        ("anthropic", 500, "api_error"),
        ("anthropic", 400, "invalid_request_error"),
        ("openai", 503, "server_error"),
        ("openai", 429, "rate_limit_error"),
    ],
)
def test_an_error_has_the_type_of_its_status(protocol: str, status: int, kind: str) -> None:
    assert plain(protocol, {"status": status})["error"]["type"] == kind


@both
def test_raw_and_body_are_sent_unchanged(protocol: str) -> None:
    response = ScriptedUpstream({"status": 500, "raw": "<html>ü</html>"}).ask(protocol)
    assert header(response, "content-type") == ["text/html"]
    assert b"".join(response["chunks"]) == "<html>ü</html>".encode()
    response = ScriptedUpstream({"status": 200, "body": {"odd": 1}}).ask(protocol)
    assert data(response) == {"odd": 1}
    response = ScriptedUpstream({"raw": "?", "content_type": "text/plain"}).ask(protocol)
    assert header(response, "content-type") == ["text/plain"]


@both
def test_headers_of_the_script_replace_the_providers(protocol: str) -> None:
    name = "x-ratelimit-limit-requests" if protocol == "openai" else "request-id"
    response = ScriptedUpstream({"text": "x", "headers": [[name, "7"]]}).ask(protocol)
    assert header(response, name) == ["7"]


@both
def test_invalid_request_is_rejected_despite_the_script(protocol: str) -> None:
    response = ScriptedUpstream({"text": "scripted"}).ask(protocol, {"temperature": "hot"})
    assert response["status"] == 400


ERROR = {"anthropic": "overloaded_error", "openai": "server_error", "responses": "error"}


@pytest.mark.parametrize("protocol", PAGES)
def test_error_after_two_deltas_is_sent_in_the_stream(protocol: str) -> None:
    reply = {"text": "abcd", "cut": [1, 2, 3], "fail": {"after": 2, "with": "error"}}
    response = streamed(protocol, reply)
    stream_events = events(response)
    assert response["status"] == 200
    assert response["end"] == "close"
    assert ERROR[protocol] in json.dumps(stream_events[-1])
    assert deltas(protocol, reply) == ["a", "b"]
    assert b"[DONE]" not in b"".join(response["chunks"])


@pytest.mark.parametrize("protocol", PAGES)
def test_drop_after_two_deltas_does_not_send_the_next_delta(protocol: str) -> None:
    fail = {"after": 2, "with": "drop"}
    response = streamed(protocol, {"text": "abcd", "cut": [1, 2, 3], "bytes": True, "fail": fail})
    assert response["end"] == "drop"
    sent = b"".join(response["chunks"][:-1])
    assert b'"b"' in sent
    assert b'"c"' not in sent


@pytest.mark.parametrize("protocol", PAGES)
def test_silence_after_two_deltas_is_a_clean_close_without_an_end(protocol: str) -> None:
    reply = {"text": "abcd", "cut": [1, 2, 3], "fail": {"after": 2, "with": "silence"}}
    response = streamed(protocol, reply)
    assert response["end"] == "close"
    assert b'"b"' in response["chunks"][-1]


@both
@pytest.mark.parametrize("stream", [False, True])
def test_failing_before_the_first_byte(protocol: str, stream: bool) -> None:
    def failure(how: str) -> Body:
        return ScriptedUpstream({"fail": {"after": 0, "with": how}}).ask(
            protocol, {"stream": stream}
        )

    assert failure("error")["status"] == (529 if protocol == "anthropic" else 503)
    assert failure("drop")["chunks"] == []
    assert failure("drop")["end"] == "drop"
    assert failure("silence")["chunks"] == [b""]
    assert failure("silence")["framing"] == "close"


@both
def test_plain_answer_can_fail_halfway(protocol: str) -> None:
    whole = b"".join(ScriptedUpstream().ask(protocol)["chunks"])
    dropped = ScriptedUpstream({"fail": {"after": 2, "with": "drop"}}).ask(protocol)
    assert b"".join(dropped["chunks"]) == whole
    assert len(dropped["chunks"]) == 2
    silent = ScriptedUpstream({"fail": {"after": 2, "with": "silence"}}).ask(protocol)
    assert b"".join(silent["chunks"]) == dropped["chunks"][0]
    assert ScriptedUpstream({"fail": {"after": 2}}).ask(protocol)["status"] in (503, 529)


def test_status_is_0_if_nothing_was_sent() -> None:
    provider = ScriptedUpstream({"fail": {"after": 0, "with": "drop"}})
    provider.ask("openai")
    assert [one["status"] for one in provider.upstream.take("0123abcd")] == [0]


@pytest.mark.parametrize("reply", [{"txt": "a"}, {"fail": {"with": "luck"}}])
def test_invalid_script_is_rejected_immediately(reply: Body) -> None:
    with pytest.raises(ValueError, match="upstream: reply"):
        ScriptedUpstream(reply)
