"""What a client makes of the bytes; whatever they are, reading them does not fail."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.decode.response import read
from harness.model import Answer, End, Exchange, Json, Mode, Pairs
from harness.util import json_schema
from harness.util.strict_json import DEEPEST

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
    kind: str | None = JSON,
    status: int | None = 200,
    end: End = "complete",
) -> Exchange:
    pieces = (body,) if isinstance(body, bytes) else body
    headers: Pairs = (("Content-Type", kind),) if kind is not None else ()
    chunks = tuple((n / 10, piece) for n, piece in enumerate(pieces))
    return Exchange(
        "shot", "POST", "u", (), "", end, status, headers=headers, chunks=chunks, note="n"
    )


def answer(body: bytes, kind: str | None = JSON, mode: Mode = "plain", **more: Any) -> Answer:
    return read(exchange(body, kind, **more), "openai", mode, {})


def rules(of: Answer) -> list[tuple[str, str]]:
    return [(each.rule, each.level) for each in of.violations]


def test_a_plain_answer_is_its_json() -> None:
    found = answer(PLAIN)
    assert found.body == {"id": "x", "choices": []}
    assert (found.unreadable, found.streamed, found.violations) == ("", False, ())
    assert (found.shot, found.mode, found.end, found.status) == ("shot", "plain", "complete", 200)
    assert (found.text, found.note, found.request) == (PLAIN.decode(), "n", {})
    assert found.header("content-TYPE") == [JSON]


def test_a_stream_is_assembled_wherever_it_was_cut() -> None:
    whole = answer(STREAM, SSE, "stream")
    assert whole.streamed
    assert whole.violations == ()
    assert whole.body["choices"][0]["message"]["content"] == "世界"
    assert [event.number for event in whole.events] == [0, 1, 2, 3]
    assert [each["id"] for each in whole.chunks] == ["x", "x", "x"]
    assert whole.text == STREAM.decode()
    for cut in range(len(STREAM)):
        pieces = (STREAM[:cut], STREAM[cut:])
        found = read(exchange(pieces, SSE), "openai", "stream", {})
        assert found == whole


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
def test_the_content_type_decides(
    body: bytes, kind: str | None, mode: Mode, streamed: bool, violations: int
) -> None:
    found = answer(body, kind, mode)
    assert found.streamed is streamed
    assert rules(found) == [("stream.content-type", "must")] * violations
    assert (found.body is None) == (not streamed and body != PLAIN)


@pytest.mark.parametrize("mode", ["plain", "stream"])
@pytest.mark.parametrize("kind", [JSON, SSE, None])
def test_an_error_is_always_read_as_plain(mode: Mode, kind: str | None) -> None:
    found = answer(b'{"error": {"message": "no"}}', kind, mode, status=400)
    assert found.body == {"error": {"message": "no"}}
    assert (found.streamed, found.violations) == (False, ())


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "the body is not JSON: it is empty"),
        (b"<html>", "the body is not JSON: expecting value at line 1, column 1, before '<html>'"),
        (b'{"a": \xff}', "the body is not UTF-8: byte 0xff at 6"),
        (b'"\xe4\xb8', "the body is not UTF-8: byte 0xe4 at 1"),
        (b'{"a": NaN}', "the body is not JSON: NaN is not JSON"),
        (b"1" * 5000, "the body is not JSON: Exceeds the limit"),
        (b"[" * 99999, f"the body is not JSON: it is nested deeper than {DEEPEST} levels"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_said(body: bytes, why: str) -> None:
    found = answer(body)
    assert found.body is None
    assert found.unreadable.startswith(why)


@pytest.mark.parametrize("end", ["unreachable", "timeout", "malformed", "not-sent"])
def test_no_answer_is_said_to_be_none(end: End) -> None:
    found = answer(b"", status=None, end=end)
    assert found.unreadable == f"there is no answer ({end})"
    assert (found.status, found.violations) == (None, ())


def test_json_may_have_a_byte_order_mark_and_odd_keys_are_noted() -> None:
    found = answer(b'\xef\xbb\xbf{"a": 1, "a": 2}')
    assert found.body == {"a": 2}
    assert found.note == "n; the key 'a' is there twice in one object"


def test_what_broke_off_is_blamed_for_nothing_else() -> None:
    found = answer(STREAM[: len(STREAM) // 2], SSE, "stream", end="dropped")
    assert found.violations == ()
    assert found.body["choices"][0]["message"]["content"] == "世"


def test_a_stream_without_a_chunk_is_unreadable() -> None:
    found = answer(b": ping\n\ndata: [DONE]\n\n", SSE, "stream")
    assert found.unreadable == "no chunk in a stream of 1 events"
    assert found.body is None


@pytest.mark.parametrize(
    ("request_body", "asked"),
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
def test_usage_is_owed_when_the_request_asks_for_it(request_body: Json, asked: bool) -> None:
    found = read(exchange(STREAM, SSE), "openai", "stream", request_body)
    assert rules(found) == [("stream.usage", "must")] * asked


def test_framing_chunks_and_laws_are_all_judged() -> None:
    broken = wire(chunk({"role": "assistant"}), chunk({"content": 7}), end="retry: x\n")
    assert rules(answer(broken, "text/plain", "stream")) == [
        ("stream.content-type", "must"),
        ("stream.framing", "should"),
        ("stream.chunk", "must"),
        ("stream.done", "must"),
        ("stream.finish-once", "must"),
    ]


def test_a_protocol_that_nobody_reads_is_unreadable() -> None:
    found = read(exchange(STREAM, SSE), "smoke-signals", "stream", {})
    assert found.unreadable == "nobody here can read a stream of the protocol 'smoke-signals'"
    assert len(found.events) == 4


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


@pytest.mark.parametrize("right", CHUNKS, ids=["role", "text", "call", "finish", "logprobs"])
def test_a_chunk_like_a_sound_one_is_sound(right: dict[str, Any]) -> None:
    """The look, by which a chunk is passed over, sees everything that the schema sees."""
    sound_only_where_it_conforms("openai/chunk", right)


@pytest.mark.parametrize("right", MESSAGE, ids=[each["type"] for each in MESSAGE])
def test_an_event_like_a_sound_one_is_sound(right: dict[str, Any]) -> None:
    sound_only_where_it_conforms("anthropic/event", right)


def sound_only_where_it_conforms(schema: str, right: dict[str, Any]) -> None:
    assert json_schema.errors(schema, right) == []
    validator = json_schema._named(schema).validator
    for path in paths(right):
        for value in VALUES:
            wrong = put(right, path, value)
            assert bool(json_schema.errors(schema, wrong)) == (not validator.is_valid(wrong))


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


def test_a_message_is_assembled_wherever_its_stream_was_cut() -> None:
    wire = "".join(f"event: {e['type']}\ndata: {json.dumps(e)}\n\n" for e in MESSAGE[:-1]).encode()
    events = wire.replace(b"input_json_delta", b"text_delta").replace(b"partial_json", b"text")
    whole = read(exchange(events, SSE), "anthropic", "stream", {"stream_options": 5})
    assert (whole.violations, whole.unreadable) == ((), "")
    assert whole.body["content"] == [{"type": "text", "text": "{}"}]
    assert [each["type"] for each in whole.chunks] == [each["type"] for each in MESSAGE[:-1]]
    for cut in range(0, len(events), 7):
        pieces = (events[:cut], events[cut:])
        assert read(exchange(pieces, SSE), "anthropic", "stream", {"stream_options": 5}) == whole


@pytest.mark.parametrize(
    ("protocol", "rule"),
    [("anthropic", ("stream.framing", "should")), ("openai", ("stream.framing", "must"))],
)
def test_a_ping_without_data_harms_where_it_is_read(protocol: str, rule: tuple[str, str]) -> None:
    found = read(exchange(b"event: ping\n\n" + STREAM, SSE), protocol, "stream", {})
    assert rules(found)[0] == rule


@given(
    st.binary(max_size=60), st.sampled_from([JSON, SSE, None]), st.sampled_from(["plain", "stream"])
)
def test_no_bytes_make_it_fail(body: bytes, kind: str | None, mode: Mode) -> None:
    answer(body, kind, mode)
    answer(b"data: " + body + b"\n\n", kind, mode)
