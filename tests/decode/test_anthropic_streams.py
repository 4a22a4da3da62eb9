"""A stream adds up to the plain message, and each broken law is called by its name."""

from __future__ import annotations

import itertools
import json
from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.decode.streams import anthropic, anthropic_rules, anthropic_transitions
from harness.decode.streams.rule import StreamRule
from harness.model import Event, Json, Violation
from harness.util import json_schema
from harness.util.strict_json import DEEPEST
from tests.support.anthropic_streams import (
    CITATION,
    HARMLESS,
    HINT,
    PING,
    RESULT,
    SIGNED,
    START,
    STOP,
    TEXT,
    Stream,
    closed,
    delta,
    opened,
    say,
    start,
    tell,
    text,
    thought,
    tool,
    without,
)

CHECK = partial(json_schema.errors, "anthropic/event")
Found = tuple[dict[str, Any] | None, list[Json], list[Violation]]


def read(stream: Stream, whole: bool = True, check: bool = True) -> Found:
    """An entry that is a pair is (the name above it, its data); a text is data without a name."""
    events = []
    for number, each in enumerate(stream):
        name, data = each if isinstance(each, tuple) else (_name(each), each)
        told = data if isinstance(data, str) else json.dumps(data)
        events.append(Event(number, name, told))
    return anthropic(events, whole=whole, check=CHECK if check else lambda event: [])


def _name(data: Json) -> str:
    named = data.get("type") if isinstance(data, dict) else ""
    return named if isinstance(named, str) else ""


def named(violations: list[Violation]) -> str:
    return ", ".join(f"{each.rule.removeprefix('stream.')} {each.level}" for each in violations)


def test_a_text_adds_up_to_the_plain_answer() -> None:
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


def test_blocks_of_every_kind_add_up() -> None:
    stream: Stream = [
        START,
        *thought(HINT, HINT, {"kind": "signature_delta", "signature": "EqQ"}, signature=""),
        opened(1, type="redacted_thinking", data="Em"),
        closed(1),
        opened(2, type="text", text="", citations=[]),
        delta(2, "citations_delta", citation=CITATION),
        say("a", 2),
        closed(2),
        *tool('{"city":', "", ' "Paris"}', index=3),
        *tool("", index=4),
        *tool(index=5, type="server_tool_use"),
        opened(6, **RESULT),
        closed(6),
        tell("tool_use"),
        STOP,
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


def test_usage_is_what_was_told_last_and_null_takes_nothing_back() -> None:
    began = {"input_tokens": 3, "output_tokens": 1, "service_tier": "standard", "x": None}
    later = {"input_tokens": None, "cache_read_input_tokens": 7, "service_tier": None, "x": None}
    body, _, violations = read(
        [start(usage=began), *text("a"), tell(tokens=2), tell(tokens=9, **later), STOP]
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


def test_what_message_delta_tells_is_laid_over_the_message() -> None:
    ends = {"stop_reason": "refusal", "stop_details": {"type": "refusal"}, "type": "x", "id": None}
    last = {"type": "message_delta", "delta": ends, "usage": {"output_tokens": 5}}
    body, _, violations = read([START, last, STOP])
    assert violations == []
    assert body is not None
    assert (body["type"], body["id"]) == ("message", "msg_1")
    assert (body["stop_reason"], body["stop_sequence"]) == ("refusal", None)
    assert (body["stop_details"], body["content"]) == ({"type": "refusal"}, [])


def test_keys_that_nobody_told_are_not_made_up() -> None:
    """Whether stop_sequence is always there is for a case to say, so it must not come from here."""
    bare = without(without(START, "message", "stop_reason"), "message", "stop_sequence")
    last = without(tell(), "delta", "stop_sequence")
    body, _, violations = read([bare, *text("a"), last, STOP])
    assert violations == []
    assert body is not None
    assert "stop_sequence" not in body
    body, _, _ = read([bare, *text("a"), tell(), STOP])
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
        [START, opened(0, type="compaction"), delta(0, "text_delta", text="a"), closed(0), tell(),
         STOP],
        "",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", HARMLESS)
def test_right_streams_break_no_law(name: str) -> None:
    body, _, violations = read(HARMLESS[name])
    assert violations == []
    assert json_schema.errors("anthropic/message", body) == []


@pytest.mark.parametrize("name", TOLERATED)
def test_what_is_new_is_written_down_and_read_past(name: str) -> None:
    stream, expected = TOLERATED[name]
    body, _, violations = read(stream)
    assert named(violations) == expected
    assert body is not None
    assert body["stop_reason"] == "end_turn"
    assert json_schema.errors("anthropic/message", body) == []


DELTA = say("b")
BROKEN: dict[str, tuple[Stream, str]] = {
    "not JSON": ([START, ("content_block_start", "x"), *TEXT[1:]], "json must"),
    "empty data": ([START, ("message_delta", ""), *TEXT[1:]], "json must"),
    "a depth bomb": ([START, ("quota", "[" * 9999), *TEXT[1:]], "json must"),
    "half a character": (
        [*TEXT[:2], ("content_block_delta", json.dumps(say("c"))[:-1] + ', "x": "\\ud83d"}'),
         *TEXT[2:]],
        "json should",
    ),
    "a ping that is not JSON": ([START, ("ping", "x"), *TEXT[1:]], "json should"),
    "no object": ([START, ("quota", [1]), *TEXT[1:]], "event-name should, chunk must"),
    "DONE": ([*TEXT, "[DONE]"], "done should"),
    "DONE with a name": ([*TEXT, ("done", "[DONE]")], "done must"),
    "DONE of a ping": ([*TEXT, ("ping", "[DONE] ")], "done should"),
    "an error": ([*TEXT[:3], {"type": "error", "error": {"type": "x"}}], "error must"),
    "an error only": ([{"type": "error", "error": {}}], "error must"),
    "an error after the stop": ([*TEXT, {"type": "error", "error": {}}], "error must"),
    "an error without a name": (
        [START, ("", {"type": "error", "error": {}})],
        "event-name must, error must",
    ),
    "an error that is no JSON": ([START, ("error", "boom")], "error must"),
    "an error of the other protocol": ([START, ("", {"error": {"message": "no"}})], "error must"),
    "a delta named error": ([START, ("error", say("a"))], "event-name should, error must"),
    "events after an error": ([START, {"type": "error", "error": {}}, *TEXT], "error must"),
    "no names": ([("", each) for each in TEXT], "event-name must" + ", event-name must" * 5),
    "no name once": ([*TEXT[:2], ("", TEXT[2]), *TEXT[3:]], "event-name must"),
    "another name": ([*TEXT[:2], ("message", TEXT[2]), *TEXT[3:]], "event-name must"),
    "a delta named ping": ([*TEXT[:2], ("ping", TEXT[2]), *TEXT[3:]], "event-name must"),
    "a ping without a name": ([START, ("", PING), *TEXT[1:]], "event-name should"),
    "a ping without type": ([START, ("ping", {}), *TEXT[1:]], "event-name should"),
    "a type only above": ([*TEXT[:2], ("content_block_delta", without(DELTA, "type")), *TEXT[2:]],
                          "chunk must"),
    "nothing": ([], "start must"),
    "only pings": ([PING, PING], "start must"),
    "no start": (TEXT[1:], "start must, start must"),
    "a late start": ([TEXT[1], START, *TEXT[2:]], "start must, block-open must"),
    "two starts": ([START, *TEXT], "start must"),
    "a start at the end": ([*TEXT[:5], START, *TEXT[5:]], "start must"),
    "a start in a block": ([*TEXT[:3], START, *TEXT[3:]], "start must"),
    "a reason in the start": ([start(stop_reason="end_turn"), *TEXT[1:]], "stop-reason should"),
    "a block in the start": ([start(content=[{"type": "text", "text": ""}]), *TEXT[1:]],
                             "chunk must"),
    "no usage in the start": ([without(START, "message", "usage"), *text("a"),
                               tell(input_tokens=3), STOP], "chunk must"),
    "index from 1": ([START, *text("a", index=1), tell(), STOP], "block-index must"),
    "an index again": ([START, *text("a"), *text("b"), tell(), STOP], "block-index must"),
    "an index left out": ([START, *text("a"), *text("b", index=2), tell(), STOP],
                          "block-index must"),
    "no index": ([*TEXT[:2], without(DELTA, "index"), *TEXT[3:]], "chunk must"),
    "no index at all": ([START, *(without(each, "index") for each in text("a")), tell(), STOP],
                        "chunk must"),
    "an index that is none": ([*TEXT[:2], {**DELTA, "index": True}, *TEXT[3:]], "chunk must"),
    "a delta before any block": ([START, DELTA, *TEXT[1:]], "block-open must"),
    "a delta of a closed block": ([*TEXT[:5], DELTA, *TEXT[5:]], "block-open must"),
    "a block closed twice": ([*TEXT[:5], closed(0), *TEXT[5:]], "block-open must"),
    "a delta of another block": ([*TEXT[:3], say("x", 1), *TEXT[3:]], "block-open must"),
    "another block closed": ([*TEXT[:4], closed(1), *TEXT[5:]], "block-open must"),
    "interleaved blocks": (
        [START, *text("a")[:2], *text("b", index=1)[:2], closed(0), closed(1), tell(), STOP],
        "block-open must, block-open must, block-open must",
    ),
    "a block left open": ([START, *text("a")[:2], *text("b", index=1), tell(), STOP],
                          "block-open must"),
    "the last block left open": ([*TEXT[:4], tell(), STOP], "block-open must"),
    "no block and no end": ([*TEXT[:4], STOP], "block-open must, stop-reason must"),
    "thinking in a text": ([*TEXT[:2], delta(0, **HINT), *TEXT[2:]], "delta-kind must"),
    "text in thinking": ([START, *thought(HINT)[:2], say("a"), closed(0), tell(), STOP],
                         "delta-kind must"),
    "text in a call": ([START, *tool("{}")[:2], say("a"), closed(0), tell("tool_use"), STOP],
                       "delta-kind must"),
    "a signature in a text": ([*TEXT[:2], delta(0, **SIGNED), *TEXT[2:]], "delta-kind must"),
    "input in a text": ([*TEXT[:2], delta(0, "input_json_delta", partial_json=""), *TEXT[2:]],
                        "delta-kind must"),
    "two signatures": ([START, *thought(HINT, SIGNED, SIGNED), tell(), STOP], "delta-kind should"),
    "no text in the start": ([START, opened(0, type="text"), *TEXT[2:]], "chunk must"),
    "a delta without type": ([*TEXT[:2], without(DELTA, "delta", "type"), *TEXT[2:]], "chunk must"),
    "no partial_json": ([START, tool()[0], delta(0, "input_json_delta"), closed(0), tell(), STOP],
                        "chunk must"),
    "arguments that are no JSON": ([START, *tool("{a"), tell("tool_use"), STOP],
                                   "tool-arguments must"),
    "arguments twice": ([START, *tool("{}", "{}"), tell("tool_use"), STOP], "tool-arguments must"),
    "arguments that are a list": ([START, *tool("[1]"), tell("tool_use"), STOP],
                                  "tool-arguments must"),
    "arguments with a key twice": ([START, *tool('{"a":1,"a":2}'), tell("tool_use"), STOP],
                                   "json should"),
    "a call before the last cut short": (
        [START, *tool('{"a'), *text(index=1), tell("max_tokens"), STOP], "tool-arguments must"),
    "no message_delta": ([*TEXT[:5], STOP], "message-delta should, stop-reason must"),
    "a block after message_delta": ([START, tell(), *text("a"), STOP], "message-delta must"),
    "a delta after message_delta": ([*TEXT[:6], DELTA, STOP], "message-delta must"),
    "no usage in message_delta": ([*TEXT[:5], without(tell(), "usage"), STOP], "chunk must"),
    "no delta in message_delta": ([*TEXT[:5], without(tell(), "delta"), STOP],
                                  "chunk must, stop-reason must"),
    "no stop_reason": ([*TEXT[:5], without(tell(), "delta", "stop_reason"), STOP],
                       "stop-reason must"),
    "stop_reason null": ([*TEXT[:5], tell(None), STOP], "stop-reason must"),
    "stop_reason empty": ([*TEXT[:5], tell(""), STOP], "chunk must"),
    "stop_reason taken back": ([*TEXT[:6], tell(None), STOP], "stop-reason must"),
    "no message_stop": (TEXT[:-1], "stop must"),
    "message_stop twice": ([*TEXT, STOP], "stop must"),
    "a block after message_stop": ([*TEXT, *text("c", index=1)], "stop must"),
    "the other protocol's usage": ([start(usage={"prompt_tokens": 3}), *TEXT[1:]], "usage must"),
    "input_tokens never told": ([start(usage={"output_tokens": 1}), *TEXT[1:]], "usage must"),
    "input_tokens taken back": ([*TEXT[:5], tell(input_tokens=0), STOP], "usage should"),
    "output_tokens below the estimate": ([*TEXT[:5], tell(tokens=0), STOP], "usage should"),
    "output_tokens of each piece": ([*TEXT[:5], tell(tokens=5), tell(tokens=2), STOP],
                                    "usage must"),
    "output_tokens as text": ([*TEXT[:5], tell(tokens="5"), STOP], "chunk must"),
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_law_is_called_by_its_name(name: str) -> None:
    stream, expected = BROKEN[name]
    assert named(read(stream)[2]) == expected


def test_every_rule_has_a_stream_that_breaks_it_alone() -> None:
    alone = {expected for _, expected in BROKEN.values() if "," not in expected}
    rules = {law.rule for law in vars(anthropic_rules).values() if isinstance(law, StreamRule)}
    assert {each.split()[0] for each in alone} >= {
        rule.removeprefix("stream.") for rule in rules - {"stream.unknown"}
    }


@pytest.mark.parametrize("name", BROKEN)
def test_a_complaint_says_where_and_what(name: str) -> None:
    for each in read(BROKEN[name][0])[2]:
        assert each.at.startswith(("event ", "body", "/content/"))
        assert each.expected
        assert each.got
        assert len(each.got) < 300


@pytest.mark.parametrize("cut", range(len(TEXT)))
def test_a_stream_cut_off_underway_owes_no_end(cut: int) -> None:
    body, chunks, violations = read(TEXT[:cut], whole=False)
    assert violations == []
    assert chunks == TEXT[:cut]
    assert (body is None) == (cut == 0)


def test_the_text_is_kept_whatever_law_was_broken() -> None:
    """What follows from a fault should still be judged: a law broken is told, not made worse."""
    for name in ("no names", "index from 1", "two starts", "no message_stop", "no message_delta"):
        body, _, _ = read(BROKEN[name][0])
        assert body is not None
        assert body["content"][0]["text"] in ("ab", "a")


def test_blocks_stay_apart_where_an_index_comes_again() -> None:
    body, _, _ = read(BROKEN["an index again"][0])
    assert body is not None
    assert [block["text"] for block in body["content"]] == ["a", "b"]


def test_nothing_to_assemble_is_none() -> None:
    assert read([])[0] is None
    assert read([PING])[:2] == (None, [PING])
    assert read([{"type": "error", "error": {}}])[0] is None


def test_every_state_has_an_answer_to_everything() -> None:
    table = anthropic_transitions.STREAM
    states = {state for state, _ in table}
    strays = {("block", f"stray {kind}") for kind in ("content_block_delta", "content_block_stop")}
    assert set(table) - strays == set(itertools.product(states, anthropic_transitions.KNOWN))
    assert {state for state, _ in table.values()} <= states | {"failed"}
    assert all(law for (state, _), (_, law) in table.items() if state == "stopped")


def test_every_law_gives_its_reason() -> None:
    every = [law for law in vars(anthropic_rules).values() if isinstance(law, StreamRule)]
    assert len(every) > 20
    assert all(law.why and law.rule.startswith("stream.") for law in every)


# fmt: off
KEYS = ["type", "index", "delta", "content_block", "message", "usage", "text", "partial_json",
        "stop_reason", "input_tokens", "output_tokens", "content", "error", "input", "citation"]
WORDS = [*anthropic_transitions.KNOWN, *anthropic_transitions.BRINGS,
         *anthropic_transitions.FITTING, "ping", "", "{",
         "stray content_block_delta"]
# fmt: on
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
    st.sampled_from(sorted(anthropic_transitions.KNOWN)),
    st.integers(0, 2) | ANY,
    ANY,
    ANY,
    ANY,
    ANY,
)


@given(
    st.lists(
        ANY | ODD | st.sampled_from([*TEXT, *tool("{"), *thought(HINT)]) | st.tuples(
            st.sampled_from(WORDS), ANY | ODD | st.text(max_size=3)
        ),
        max_size=8,
    ),
    st.booleans(),
)  # fmt: skip
def test_no_stream_makes_it_fail(stream: Stream, check: bool) -> None:
    body, _, violations = read(stream, check=check)
    assert body is None or isinstance(body["content"], list)
    json.dumps([body, [each.got for each in violations]])


@given(st.text(), st.integers(1, 5))
def test_a_text_is_the_same_however_it_is_cut(told: str, size: int) -> None:
    pieces = [told[at : at + size] for at in range(0, len(told), size)]
    body, _, _ = read([START, *text(*pieces), tell(), STOP])
    assert body is not None
    assert body["content"][0]["text"] == told


def test_a_long_stream_is_read_in_one_pass() -> None:
    """Any step that looked back over what came before would take minutes here."""
    count = 20_000
    stream = [
        START,
        *text(*("x" for _ in range(count))),
        *(each for n in range(1, count // 4) for each in tool("{", "}", index=n)),
        *(tell(None, n) for n in range(count // 4)),
        *(STOP for _ in range(count)),
    ]
    body, chunks, violations = read(stream)
    assert len(chunks) == len(stream)
    assert named(violations) == "usage should, stop must, stop-reason must"
    assert body is not None
    assert len(body["content"]) == count // 4


def test_deep_data_is_refused_and_not_read() -> None:
    deep = "[" * DEEPEST + "]" * DEEPEST
    body, _, violations = read([START, *tool('{"a":' + deep + "}"), tell("tool_use"), STOP])
    assert named(violations) == "tool-arguments must"
    assert body is not None
    assert body["content"][0]["input"] == {}
