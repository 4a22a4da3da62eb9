"""Exchanges are decoded as a client reads them, and no bytes raise an exception."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.decode.response import read
from harness.model import Answer, End, Exchange, Json, Mode, Pairs
from harness.util import json_schema
from harness.util.strict_json import MAX_DEPTH

JSON, SSE = "application/json", "text/event-stream; charset=utf-8"
HEAD = {"id": "x", "object": "chat.completion.chunk", "created": 1, "model": "m"}
PLAIN = b'{"id": "x", "choices": []}'


def chunk(delta: Json, finish: Json = None, **more: Json) -> dict[str, Any]:
    return {**HEAD, "choices": [{"index": 0, "delta": delta, "finish_reason": finish}], **more}


def wire(*chunks: Json, end: str = "data: [DONE]\n\n") -> bytes:
    return (
        "".join(f"data: {json.dumps(c, ensure_ascii=False)}\n\n" for c in chunks) + end
    ).encode()


STREAM = wire(
    chunk({"role": "assistant", "content": "世"}), chunk({"content": "界"}), chunk({}, "stop")
)


def exchange(
    body: bytes | tuple[bytes, ...],
    content_type: str | None = JSON,
    status: int | None = 200,
    end: End = "complete",
) -> Exchange:
    pieces = (body,) if isinstance(body, bytes) else body
    headers: Pairs = (("Content-Type", content_type),) if content_type is not None else ()
    chunks = tuple((n / 10, piece) for n, piece in enumerate(pieces))
    return Exchange(
        "shot", "POST", "u", (), "", end, status, headers=headers, chunks=chunks, note="n"
    )


def answer(body: bytes, kind: str | None = JSON, mode: Mode = "plain", **more: Any) -> Answer:
    return read(exchange(body, kind, **more), "openai", mode, {})


def rules(of: Answer) -> list[tuple[str, str]]:
    return [(each.rule, each.level) for each in of.violations]


def test_a_plain_answer_is_parsed_as_json() -> None:
    result = answer(PLAIN)
    assert result.body == {"id": "x", "choices": []}
    assert (result.unreadable, result.streamed, result.violations) == ("", False, ())
    assert (result.shot, result.mode, result.end, result.status) == (
        "shot",
        "plain",
        "complete",
        200,
    )
    assert (result.text, result.note, result.request) == (PLAIN.decode(), "n", {})
    assert result.header("content-TYPE") == [JSON]


def test_the_answer_does_not_depend_on_where_a_stream_is_split() -> None:
    expected = answer(STREAM, SSE, "stream")
    assert expected.streamed
    assert expected.violations == ()
    assert expected.body["choices"][0]["message"]["content"] == "世界"
    assert [event.number for event in expected.events] == [0, 1, 2, 3]
    assert [each["id"] for each in expected.chunks] == ["x", "x", "x"]
    assert expected.text == STREAM.decode()
    for cut in range(len(STREAM)):
        pieces = (STREAM[:cut], STREAM[cut:])
        result = read(exchange(pieces, SSE), "openai", "stream", {})
        assert replace(result, arrivals=expected.arrivals) == expected


@pytest.mark.parametrize(
    ("body", "kind", "mode", "streamed", "violations"),
    [
        (STREAM, SSE, "stream", True, 0),
        (STREAM, "TEXT/Event-Stream", "stream", True, 0),
        (PLAIN, JSON, "plain", False, 0),
        (PLAIN, None, "plain", False, 0),
        (PLAIN, JSON, "stream", False, 1),
        (PLAIN, None, "stream", False, 1),
        (STREAM, JSON, "stream", False, 1),
        (STREAM, "text/plain", "stream", True, 1),
        (b": ping\n\n" + STREAM, None, "stream", True, 1),
        (STREAM, SSE, "plain", True, 1),
        (STREAM, "text/plain", "plain", False, 0),
        (b"", None, "stream", False, 1),
    ],
)
def test_the_content_type_decides_between_plain_and_stream(
    body: bytes, kind: str | None, mode: Mode, streamed: bool, violations: int
) -> None:
    result = answer(body, kind, mode)
    assert result.streamed is streamed
    assert rules(result) == [("stream.content-type", "must")] * violations
    assert (result.body is None) == (not streamed and body != PLAIN)


@pytest.mark.parametrize("mode", ["plain", "stream"])
@pytest.mark.parametrize("kind", [JSON, SSE, None])
def test_an_error_is_always_read_as_plain(mode: Mode, kind: str | None) -> None:
    result = answer(b'{"error": {"message": "no"}}', kind, mode, status=400)
    assert result.body == {"error": {"message": "no"}}
    assert (result.streamed, result.violations) == (False, ())


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "the body is not JSON: it is empty"),
        (b"<html>", "the body is not JSON: expecting value at line 1, column 1, before '<html>'"),
        (b'{"a": \xff}', "the body is not UTF-8: byte 0xff at 6"),
        (b'"\xe4\xb8', "the body is not UTF-8: byte 0xe4 at 1"),
        (b'{"a": NaN}', "the body is not JSON: NaN is not JSON"),
        (b"1" * 5000, "the body is not JSON: Exceeds the limit"),
        (b"[" * 99999, f"the body is not JSON: it is nested deeper than {MAX_DEPTH} levels"),
    ],
)  # fmt: skip
def test_an_unreadable_body_has_a_reason(body: bytes, reason: str) -> None:
    result = answer(body)
    assert result.body is None
    assert result.unreadable.startswith(reason)


@pytest.mark.parametrize("end", ["unreachable", "timeout", "malformed", "not-sent"])
def test_a_missing_answer_has_a_reason(end: End) -> None:
    result = answer(b"", status=None, end=end)
    assert result.unreadable == f"there is no answer ({end})"
    assert (result.status, result.violations) == (None, ())


def test_a_byte_order_mark_is_accepted_and_duplicate_keys_are_noted() -> None:
    result = answer(b'\xef\xbb\xbf{"a": 1, "a": 2}')
    assert result.body == {"a": 2}
    assert result.note == "n; duplicate key 'a' in an object"


def test_an_interrupted_stream_has_no_other_violations() -> None:
    result = answer(STREAM[: len(STREAM) // 2], SSE, "stream", end="dropped")
    assert result.violations == ()
    assert result.body["choices"][0]["message"]["content"] == "世"


def test_a_stream_without_a_chunk_is_unreadable() -> None:
    result = answer(b": ping\n\ndata: [DONE]\n\n", SSE, "stream")
    assert result.unreadable == "no chunk in a stream of 1 events"
    assert result.body is None


@pytest.mark.parametrize(
    ("request_body", "requested"),
    [
        ({"stream_options": {"include_usage": True}}, True),
        ({"stream_options": {"include_usage": False}}, False),
        ({"stream_options": {"include_usage": "yes"}}, False),
        ({"stream_options": None}, False),
        ({}, False),
        (None, False),
        ([1], False),
    ],
)
def test_usage_is_required_if_the_request_includes_it(request_body: Json, requested: bool) -> None:
    result = read(exchange(STREAM, SSE), "openai", "stream", request_body)
    assert rules(result) == [("stream.usage", "must")] * requested


def test_framing_chunks_and_stream_rules_are_all_checked() -> None:
    violating = wire(chunk({"role": "assistant"}), chunk({"content": 7}), end="ping\n")
    assert rules(answer(violating, "text/plain", "stream")) == [
        ("stream.content-type", "must"),
        ("stream.framing", "must"),
        ("stream.chunk", "must"),
        ("stream.done", "must"),
        ("stream.finish-once", "must"),
    ]


def test_a_stream_of_an_unknown_protocol_is_unreadable() -> None:
    result = read(exchange(STREAM, SSE), "smoke-signals", "stream", {})
    assert result.unreadable == "unknown stream protocol 'smoke-signals'"
    assert len(result.events) == 4


TOKEN = {"token": "a", "logprob": -0.1, "bytes": [97], "top_logprobs": []}
LOGPROBS = {"content": [TOKEN], "refusal": None}
CHUNKS = [
    chunk({"role": "assistant", "content": ""}),
    chunk({"content": "a"}),
    chunk({"tool_calls": [{"index": 0, "id": "c", "type": "function", "function": {"name": "f"}}]}),
    chunk({}, "stop", usage={"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}),
    {
        **HEAD,
        "choices": [{"index": 0, "delta": {}, "finish_reason": None, "logprobs": LOGPROBS}],
    },
]
MESSAGE: list[dict[str, Any]] = [
    {
        "type": "message_start",
        "message": {
            "id": "msg_1",
            "type": "message",
            "role": "assistant",
            "content": [],
            "model": "m",
            "stop_reason": None,
            "stop_sequence": None,
            "usage": {"input_tokens": 1, "output_tokens": 1, "server_tool_use": {"x_requests": 1}},
        },
    },
    {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
    {
        "type": "content_block_delta",
        "index": 0,
        "delta": {"type": "input_json_delta", "partial_json": "{}"},
    },
    {"type": "content_block_stop", "index": 0},
    {
        "type": "message_delta",
        "delta": {"stop_reason": "end_turn", "stop_sequence": None},
        "usage": {"output_tokens": 5},
    },
    {"type": "message_stop"},
    {"type": "error", "error": {"type": "overloaded_error", "message": "no"}},
]
VALUES: list[Json] = [
    None,
    True,
    0,
    -1,
    1.0,
    1.5,
    256,
    "",
    "a",
    "assistant",
    "stop",
    "function",
    "message",
    "text",
    "tool_use",
    "thinking",
    "error",
    "ping",
    [],
    {},
    10**400,
]


@pytest.mark.parametrize("valid", CHUNKS, ids=["role", "text", "call", "finish", "logprobs"])
def test_a_changed_chunk_is_valid_only_if_the_validator_accepts_it(valid: dict[str, Any]) -> None:
    """The compiled validator, which accepts a chunk, distinguishes all that the schema does."""
    assert_same_as_validator("openai/chunk", valid)


@pytest.mark.parametrize("valid", MESSAGE, ids=[each["type"] for each in MESSAGE])
def test_a_changed_event_is_valid_only_if_the_validator_accepts_it(valid: dict[str, Any]) -> None:
    assert_same_as_validator("anthropic/event", valid)


def assert_same_as_validator(schema: str, valid: dict[str, Any]) -> None:
    assert json_schema.errors(schema, valid) == []
    validator = json_schema._by_name(schema).validator
    for path in paths(valid):
        for value in VALUES:
            changed = put(valid, path, value)
            assert bool(json_schema.errors(schema, changed)) == (not validator.is_valid(changed))


def paths(value: Json) -> list[tuple[Any, ...]]:
    members = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else ()
    )
    return [(), *((key, *below) for key, inner in members for below in paths(inner))]


def put(value: Json, path: tuple[Any, ...], new: Json) -> Json:
    if not path:
        return new
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = put(value[path[0]], path[1:], new)
    return copy


@pytest.mark.parametrize(
    ("protocol", "rule"),
    [("anthropic", ("stream.framing", "should")), ("openai", ("stream.framing", "must"))],
)
def test_a_ping_without_data_is_must_only_if_sdks_read_it(
    protocol: str, rule: tuple[str, str]
) -> None:
    result = read(exchange(b"event: ping\n\n" + STREAM, SSE), protocol, "stream", {})
    assert rules(result)[0] == rule


@given(
    st.binary(max_size=60), st.sampled_from([JSON, SSE, None]), st.sampled_from(["plain", "stream"])
)
def test_no_bytes_raise_an_exception(body: bytes, kind: str | None, mode: Mode) -> None:
    answer(body, kind, mode)
    answer(b"data: " + body + b"\n\n", kind, mode)
