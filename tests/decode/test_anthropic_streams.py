"""A Messages stream is assembled into the plain message, and each violation has its rule."""

from __future__ import annotations

import itertools
import json
from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.decode.streams import anthropic
from harness.decode.streams.anthropic_events import EVENT_TYPES
from harness.decode.streams.anthropic_parts import DELTA_KEYS, PERMITTED_DELTAS
from harness.decode.streams.rules import load_rules, load_table
from harness.model import Event, Json, Violation
from harness.util import json_schema
from harness.util.strict_json import MAX_DEPTH
from tests.support.anthropic_streams import (
    CITATION,
    CONFORMING,
    END,
    PING,
    RESULT,
    SIGNATURE,
    START,
    STOP,
    TEXT,
    THINKING,
    TOOL_END,
    Stream,
    block_start,
    block_stop,
    delta,
    message_delta,
    message_start,
    text_block,
    text_delta,
    thinking_block,
    tool_block,
    without,
)

VALIDATE = partial(json_schema.errors, "anthropic/event")
Assembled = tuple[dict[str, Any] | None, list[Json], list[Violation]]


def read(stream: Stream, complete: bool = True, validate: bool = True) -> Assembled:
    """Assemble a stream. An entry is an event's data, a pair (name, data), or a text as data."""
    events = []
    for number, entry in enumerate(stream):
        name, data = entry if isinstance(entry, tuple) else (_name(entry), entry)
        text = data if isinstance(data, str) else json.dumps(data)
        events.append(Event(number, name, text))
    return anthropic(events, complete=complete, validate=VALIDATE if validate else lambda event: [])


def _name(data: Json) -> str:
    name = data.get("type") if isinstance(data, dict) else ""
    return name if isinstance(name, str) else ""


def rules_and_levels(violations: list[Violation]) -> str:
    return ", ".join(f"{each.rule.removeprefix('stream.')} {each.level}" for each in violations)


def test_a_text_is_assembled_into_the_plain_message() -> None:
    body, chunks, violations = read(TEXT)
    assert violations == []
    assert chunks == TEXT
    assert body == {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": "m",
        "content": [{"type": "text", "text": "ab"}],
        "stop_reason": "end_turn",
        "stop_sequence": None,
        "usage": {"input_tokens": 3, "output_tokens": 5},
    }
    assert json_schema.errors("anthropic/message", body) == []


def test_blocks_of_every_type_are_assembled() -> None:
    stream: Stream = [
        START,
        *thinking_block(
            THINKING, THINKING, {"kind": "signature_delta", "signature": "EqQ"}, signature=""
        ),
        block_start(1, type="redacted_thinking", data="Em"),
        block_stop(1),
        block_start(2, type="text", text="", citations=[]),
        delta(2, "citations_delta", citation=CITATION),
        text_delta("a", 2),
        block_stop(2),
        *tool_block('{"city":', "", ' "Paris"}', index=3),
        *tool_block("", index=4),
        *tool_block(index=5, type="server_tool_use"),
        block_start(6, **RESULT),
        block_stop(6),
        *TOOL_END,
    ]
    body, _, violations = read(stream)
    assert violations == []
    assert body is not None
    assert json_schema.errors("anthropic/message", body) == []
    assert body["content"] == [
        {"type": "thinking", "thinking": "hh", "signature": "EqQ"},
        {"type": "redacted_thinking", "data": "Em"},
        {"type": "text", "text": "a", "citations": [CITATION]},
        {"type": "tool_use", "id": "toolu_3", "name": "f", "input": {"city": "Paris"}},
        {"type": "tool_use", "id": "toolu_4", "name": "f", "input": {}},
        {"type": "server_tool_use", "id": "toolu_5", "name": "f", "input": {}},
        RESULT,
    ]


def test_later_usage_replaces_earlier_usage_but_null_does_not() -> None:
    start_usage = {"input_tokens": 3, "output_tokens": 1, "service_tier": "standard", "x": None}
    later = {"input_tokens": None, "cache_read_input_tokens": 7, "service_tier": None, "x": None}
    body, _, violations = read(
        [
            message_start(usage=start_usage),
            *text_block("a"),
            message_delta(tokens=2),
            message_delta(tokens=9, **later),
            STOP,
        ]
    )
    assert violations == []
    assert body is not None
    assert body["usage"] == {
        "input_tokens": 3,
        "output_tokens": 9,
        "service_tier": "standard",
        "cache_read_input_tokens": 7,
        "x": None,
    }


def test_message_delta_changes_the_message_but_not_its_constant_members() -> None:
    ends = {"stop_reason": "refusal", "stop_details": {"type": "refusal"}, "type": "x", "id": None}
    last = {"type": "message_delta", "delta": ends, "usage": {"output_tokens": 5}}
    body, _, violations = read([START, last, STOP])
    assert violations == []
    assert body is not None
    assert (body["type"], body["id"]) == ("message", "msg_1")
    assert (body["stop_reason"], body["stop_sequence"]) == ("refusal", None)
    assert (body["stop_details"], body["content"]) == ({"type": "refusal"}, [])


def test_absent_keys_are_not_added() -> None:
    """A case checks whether stop_sequence is present, so the assembler must not add it."""
    start = without(without(START, "message", "stop_reason"), "message", "stop_sequence")
    last = without(message_delta(), "delta", "stop_sequence")
    body, _, violations = read([start, *text_block("a"), last, STOP])
    assert violations == []
    assert body is not None
    assert "stop_sequence" not in body
    body, _, _ = read([start, *text_block("a"), *END])
    assert body is not None
    assert body["stop_sequence"] is None


TOLERATED: dict[str, tuple[Stream, str]] = {
    "an unknown event": ([START, {"type": "quota", "left": 1}, *TEXT[1:]], "unknown may"),
    "an unknown event first": ([{"type": "quota"}, *TEXT], "unknown may"),
    "an unknown event last": ([*TEXT, {"type": "quota"}], "unknown may"),
    "an unknown event without type": (
        [START, ("quota", {"left": 1}), *TEXT[1:]],
        "event-name should, unknown may",
    ),
    "an unknown event under another name": (
        [START, ("news", {"type": "quota"}), *TEXT[1:]],
        "event-name should, unknown may",
    ),
    "an unknown delta": ([*TEXT[:2], delta(0, "novel_delta", x=1), *TEXT[2:]], "unknown may"),
    "an unknown block": (
        [
            START,
            block_start(0, type="compaction"),
            delta(0, "text_delta", text="a"),
            block_stop(0),
            *END,
        ],
        "",
    ),
}


@pytest.mark.parametrize("name", CONFORMING)
def test_conforming_streams_have_no_violations(name: str) -> None:
    body, _, violations = read(CONFORMING[name])
    assert violations == []
    assert json_schema.errors("anthropic/message", body) == []


@pytest.mark.parametrize("name", TOLERATED)
def test_unknown_types_are_recorded_and_ignored(name: str) -> None:
    stream, expected = TOLERATED[name]
    body, _, violations = read(stream)
    assert rules_and_levels(violations) == expected
    assert body is not None
    assert body["stop_reason"] == "end_turn"
    assert json_schema.errors("anthropic/message", body) == []


DELTA = text_delta("b")
FAILURE = {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}
VIOLATING: dict[str, tuple[Stream, str]] = {
    "not JSON": ([START, ("content_block_start", "x"), *TEXT[1:]], "json must"),
    "empty data": ([START, ("message_delta", ""), *TEXT[1:]], "json must"),
    "nested too deeply": ([START, ("quota", "[" * 9999), *TEXT[1:]], "json must"),
    "a lone surrogate": (
        [
            *TEXT[:2],
            ("content_block_delta", json.dumps(text_delta("c"))[:-1] + ', "x": "\\ud83d"}'),
            *TEXT[2:],
        ],
        "json should",
    ),
    "a ping that is not JSON": ([START, ("ping", "x"), *TEXT[1:]], "json should"),
    "not an object": ([START, ("quota", [1]), *TEXT[1:]], "event-name should, chunk must"),
    "DONE": ([*TEXT, "[DONE]"], "done should"),
    "DONE with a name": ([*TEXT, ("done", "[DONE]")], "done must"),
    "DONE in a ping": ([*TEXT, ("ping", "[DONE] ")], "done should"),
    "an error": ([*TEXT[:3], FAILURE], "error must"),
    "only an error": ([FAILURE], "error must"),
    "an error after the stop": ([*TEXT, FAILURE], "error must"),
    "an error without a name": ([START, ("", FAILURE)], "event-name must, error must"),
    "an error that is not JSON": ([START, ("error", "boom")], "error must, error-shape should"),
    "an error without a message": (
        [START, {"type": "error", "error": {"type": "x"}}],
        "error must, error-shape should",
    ),
    "an error that is a text": (
        [START, {"type": "error", "error": "overloaded"}],
        "error must, error-shape should",
    ),
    "an error of the other protocol": (
        [START, ("", {"error": {"message": "no"}})],
        "error must, error-shape should",
    ),
    "a delta named error": (
        [START, ("error", text_delta("a"))],
        "event-name should, error must, error-shape should",
    ),
    "events after an error": ([START, FAILURE, *TEXT], "error must"),
    "no names": ([("", each) for each in TEXT], "event-name must" + ", event-name must" * 5),
    "no name once": ([*TEXT[:2], ("", TEXT[2]), *TEXT[3:]], "event-name must"),
    "another name": ([*TEXT[:2], ("message", TEXT[2]), *TEXT[3:]], "event-name must"),
    "a delta named ping": ([*TEXT[:2], ("ping", TEXT[2]), *TEXT[3:]], "event-name must"),
    "a ping without a name": ([START, ("", PING), *TEXT[1:]], "event-name should"),
    "a ping without type": ([START, ("ping", {}), *TEXT[1:]], "event-name should"),
    "a type only in the name": (
        [*TEXT[:2], ("content_block_delta", without(DELTA, "type")), *TEXT[2:]],
        "chunk must",
    ),
    "no events": ([], "start must"),
    "only pings": ([PING, PING], "start must"),
    "no start": (TEXT[1:], "start must, start must"),
    "a late start": ([TEXT[1], START, *TEXT[2:]], "start must, block-open must"),
    "two starts": ([START, *TEXT], "start must"),
    "a start at the end": ([*TEXT[:5], START, *TEXT[5:]], "start must"),
    "a start in a block": ([*TEXT[:3], START, *TEXT[3:]], "start must"),
    "a stop_reason in the start": (
        [message_start(stop_reason="end_turn"), *TEXT[1:]],
        "stop-reason should",
    ),
    "a block in the start": (
        [message_start(content=[{"type": "text", "text": ""}]), *TEXT[1:]],
        "chunk must",
    ),
    "no usage in the start": (
        [without(START, "message", "usage"), *text_block("a"), message_delta(input_tokens=3), STOP],
        "chunk must",
    ),
    "indexes from 1": ([START, *text_block("a", index=1), *END], "block-index must"),
    "a repeated index": ([START, *text_block("a"), *text_block("b"), *END], "block-index must"),
    "a skipped index": (
        [START, *text_block("a"), *text_block("b", index=2), *END],
        "block-index must",
    ),
    "no index": ([*TEXT[:2], without(DELTA, "index"), *TEXT[3:]], "chunk must"),
    "no index in the whole block": (
        [START, *(without(each, "index") for each in text_block("a")), *END],
        "chunk must",
    ),
    "an index that is not a number": (
        [*TEXT[:2], {**DELTA, "index": True}, *TEXT[3:]],
        "chunk must",
    ),
    "a delta before any block": ([START, DELTA, *TEXT[1:]], "block-open must"),
    "a delta of a closed block": ([*TEXT[:5], DELTA, *TEXT[5:]], "block-open must"),
    "a block closed twice": ([*TEXT[:5], block_stop(0), *TEXT[5:]], "block-open must"),
    "a delta of another block": ([*TEXT[:3], text_delta("x", 1), *TEXT[3:]], "block-open must"),
    "another block closed": ([*TEXT[:4], block_stop(1), *TEXT[5:]], "block-open must"),
    "interleaved blocks": (
        [
            START,
            *text_block("a")[:2],
            *text_block("b", index=1)[:2],
            block_stop(0),
            block_stop(1),
            *END,
        ],
        "block-open must, block-open must, block-open must",
    ),
    "a block left open": (
        [START, *text_block("a")[:2], *text_block("b", index=1), *END],
        "block-open must",
    ),
    "the last block left open": ([*TEXT[:4], *END], "block-open must"),
    "no block and no end": ([*TEXT[:4], STOP], "block-open must, stop-reason must"),
    "thinking in a text": ([*TEXT[:2], delta(0, **THINKING), *TEXT[2:]], "delta-kind must"),
    "text in thinking": (
        [START, *thinking_block(THINKING)[:2], text_delta("a"), block_stop(0), *END],
        "delta-kind must",
    ),
    "text in a call": (
        [START, *tool_block("{}")[:2], text_delta("a"), block_stop(0), *TOOL_END],
        "delta-kind must",
    ),
    "a signature in a text": ([*TEXT[:2], delta(0, **SIGNATURE), *TEXT[2:]], "delta-kind must"),
    "input in a text": (
        [*TEXT[:2], delta(0, "input_json_delta", partial_json=""), *TEXT[2:]],
        "delta-kind must",
    ),
    "two signatures": (
        [START, *thinking_block(THINKING, SIGNATURE, SIGNATURE), *END],
        "delta-kind should",
    ),
    "no text in the start": ([START, block_start(0, type="text"), *TEXT[2:]], "chunk must"),
    "a delta without type": ([*TEXT[:2], without(DELTA, "delta", "type"), *TEXT[2:]], "chunk must"),
    "no partial_json": (
        [START, tool_block()[0], delta(0, "input_json_delta"), block_stop(0), *END],
        "chunk must",
    ),
    "arguments that are not JSON": ([START, *tool_block("{a"), *TOOL_END], "tool-arguments must"),
    "arguments twice": ([START, *tool_block("{}", "{}"), *TOOL_END], "tool-arguments must"),
    "arguments that are a list": ([START, *tool_block("[1]"), *TOOL_END], "tool-arguments must"),
    "arguments with a duplicate key": (
        [START, *tool_block('{"a":1,"a":2}'), *TOOL_END],
        "json should",
    ),
    "a truncated call before the last block": (
        [START, *tool_block('{"a'), *text_block(index=1), message_delta("max_tokens"), STOP],
        "tool-arguments must",
    ),
    "no message_delta": ([*TEXT[:5], STOP], "message-delta should, stop-reason must"),
    "a block after message_delta": (
        [START, message_delta(), *text_block("a"), STOP],
        "message-delta must",
    ),
    "a delta after message_delta": ([*TEXT[:6], DELTA, STOP], "message-delta must"),
    "no usage in message_delta": (
        [*TEXT[:5], without(message_delta(), "usage"), STOP],
        "chunk must",
    ),
    "no delta in message_delta": (
        [*TEXT[:5], without(message_delta(), "delta"), STOP],
        "chunk must, stop-reason must",
    ),
    "no stop_reason": (
        [*TEXT[:5], without(message_delta(), "delta", "stop_reason"), STOP],
        "stop-reason must",
    ),
    "stop_reason null": ([*TEXT[:5], message_delta(None), STOP], "stop-reason must"),
    "stop_reason empty": ([*TEXT[:5], message_delta(""), STOP], "chunk must"),
    "stop_reason null later": ([*TEXT[:6], message_delta(None), STOP], "stop-reason must"),
    "no message_stop": (TEXT[:-1], "stop must"),
    "message_stop twice": ([*TEXT, STOP], "stop must"),
    "a block after message_stop": ([*TEXT, *text_block("c", index=1)], "stop must"),
    "the other protocol's usage": (
        [message_start(usage={"prompt_tokens": 3}), *TEXT[1:]],
        "usage must",
    ),
    "no input_tokens": ([message_start(usage={"output_tokens": 1}), *TEXT[1:]], "usage must"),
    "input_tokens fall": ([*TEXT[:5], message_delta(input_tokens=0), STOP], "usage should"),
    "output_tokens below the estimate": (
        [*TEXT[:5], message_delta(tokens=0), STOP],
        "usage should",
    ),
    "output_tokens of each piece": (
        [*TEXT[:5], message_delta(tokens=5), message_delta(tokens=2), STOP],
        "usage must",
    ),
    "output_tokens as text": ([*TEXT[:5], message_delta(tokens="5"), STOP], "chunk must"),
}


@pytest.mark.parametrize("name", VIOLATING)
def test_a_violation_has_its_rule_and_level(name: str) -> None:
    stream, expected = VIOLATING[name]
    assert rules_and_levels(read(stream)[2]) == expected


def test_every_rule_has_a_stream_that_violates_only_it() -> None:
    single = {expected for _, expected in VIOLATING.values() if "," not in expected}
    rules = {each.id for each in load_rules("anthropic").values()}
    assert {each.split()[0] for each in single} >= {
        rule.removeprefix("stream.") for rule in rules - {"stream.unknown", "stream.error-shape"}
    }


@pytest.mark.parametrize("name", VIOLATING)
def test_a_violation_has_a_place_and_short_texts(name: str) -> None:
    for each in read(VIOLATING[name][0])[2]:
        assert each.at.startswith(("event ", "body", "/content/"))
        assert each.expected
        assert each.got
        assert len(each.got) < 300


@pytest.mark.parametrize("length", range(len(TEXT)))
def test_an_interrupted_stream_does_not_violate_rules_about_its_end(length: int) -> None:
    body, chunks, violations = read(TEXT[:length], complete=False)
    assert violations == []
    assert chunks == TEXT[:length]
    assert (body is None) == (length == 0)


def test_a_violation_does_not_lose_the_text() -> None:
    """Later checks still need the message that clients would read."""
    for name in ("no names", "indexes from 1", "two starts", "no message_stop", "no message_delta"):
        body, _, _ = read(VIOLATING[name][0])
        assert body is not None
        assert body["content"][0]["text"] in ("ab", "a")


def test_blocks_with_the_same_index_are_not_merged() -> None:
    body, _, _ = read(VIOLATING["a repeated index"][0])
    assert body is not None
    assert [block["text"] for block in body["content"]] == ["a", "b"]


def test_a_stream_without_content_has_no_message() -> None:
    assert read([])[0] is None
    assert read([PING])[:2] == (None, [PING])
    assert read([{"type": "error", "error": {}}])[0] is None


def test_the_table_covers_every_state_and_event() -> None:
    table = load_table("anthropic", "stream")
    states = {state for state, _ in table}
    strays = {("block", f"stray {kind}") for kind in ("content_block_delta", "content_block_stop")}
    assert set(table) - strays == set(itertools.product(states, EVENT_TYPES))
    assert {state for state, _ in table.values()} <= states | {"failed"}
    assert all(rule for (state, _), (_, rule) in table.items() if state == "stopped")


# fmt: off
KEYS = ["type", "index", "delta", "content_block", "message", "usage", "text", "partial_json",
        "stop_reason", "input_tokens", "output_tokens", "content", "error", "input", "citation"]
# fmt: on
WORDS = [*EVENT_TYPES, *DELTA_KEYS, *PERMITTED_DELTAS, "ping", "", "{", "stray content_block_delta"]
ANY = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 2) | st.floats() | st.sampled_from(WORDS),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=6)
    ),
    max_leaves=12,
)
ODD = st.builds(
    lambda kind, index, delta, block, message, usage: {
        "type": kind,
        "index": index,
        "delta": delta,
        "content_block": block,
        "message": message,
        "usage": usage,
    },
    st.sampled_from(sorted(EVENT_TYPES)),
    st.integers(0, 2) | ANY,
    ANY,
    ANY,
    ANY,
    ANY,
)


@given(
    st.lists(
        ANY
        | ODD
        | st.sampled_from([*TEXT, *tool_block("{"), *thinking_block(THINKING)])
        | st.tuples(st.sampled_from(WORDS), ANY | ODD | st.text(max_size=3)),
        max_size=8,
    ),
    st.booleans(),
)  # fmt: skip
def test_no_stream_raises_an_exception(stream: Stream, validate: bool) -> None:
    body, _, violations = read(stream, validate=validate)
    assert body is None or isinstance(body["content"], list)
    json.dumps([body, [each.got for each in violations]])


@given(st.text(), st.integers(1, 5))
def test_a_text_is_assembled_from_pieces_of_any_size(original: str, size: int) -> None:
    pieces = [original[at : at + size] for at in range(0, len(original), size)]
    body, _, _ = read([START, *text_block(*pieces), *END])
    assert body is not None
    assert body["content"][0]["text"] == original


def test_the_time_is_linear_in_the_length_of_the_stream() -> None:
    """With quadratic time this would take minutes."""
    count = 20_000
    stream = [
        START,
        *text_block(*("x" for _ in range(count))),
        *(each for n in range(1, count // 4) for each in tool_block("{", "}", index=n)),
        *(message_delta(None, n) for n in range(count // 4)),
        *(STOP for _ in range(count)),
    ]
    body, chunks, violations = read(stream)
    assert len(chunks) == len(stream)
    assert rules_and_levels(violations) == "usage should, stop must, stop-reason must"
    assert body is not None
    assert len(body["content"]) == count // 4


def test_arguments_nested_too_deeply_are_a_violation() -> None:
    deep = "[" * MAX_DEPTH + "]" * MAX_DEPTH
    body, _, violations = read([START, *tool_block('{"a":' + deep + "}"), *TOOL_END])
    assert rules_and_levels(violations) == "tool-arguments must"
    assert body is not None
    assert body["content"][0]["input"] == {}
