"""What providers send reads the same, wherever the bytes are cut and however lines end.

The streams in `wire/` are written after the formats that references, documents and issues of the
providers show; they are no recordings.
"""

from __future__ import annotations

import re
from typing import Any

import pytest

from harness.decode.sse import Parser
from harness.model import Answer, Event, Json
from harness.util import json_schema
from tests.support.wire_examples import WIRE, answer, protocol

LINE_ENDS = {"LF": b"\n", "CRLF": b"\r\n", "CR": b"\r"}
COMMENT = b": OPENROUTER PROCESSING\n\n"
BETWEEN = {"openai": COMMENT, "anthropic": COMMENT + b'event: ping\ndata: {"type": "ping"}\n\n'}
FLEXIBLE = "Grüße, 世界 🌍"


def events(*pieces: bytes) -> list[tuple[str, str, str]]:
    parser = Parser()
    found = [event for piece in pieces for event in parser.feed(piece)]
    parser.close()
    assert parser.violations == []
    return [(event.event, event.data, event.id) for event in found]


def seasoned(name: str, line_end: str) -> bytes:
    """Other line ends, and a comment and (where the protocol has any) a ping after each event."""
    between = BETWEEN[protocol(name)]
    wire = between + WIRE[name].replace(b"\n\n", b"\n\n" + between)
    return wire.replace(b"\n", LINE_ENDS[line_end])


# What a client has in the end: the text or the calls, why it ended, and the laws that are broken.
TOLD: dict[str, tuple[Any, str | None, str]] = {
    "anthropic.text": (["Hello!"], "end_turn", ""),
    "anthropic.tools": (
        ["Okay, let's check: ", {"location": "San Francisco, CA"}, {}],
        "tool_use",
        "",
    ),
    "anthropic.thinking": (
        ["27 × 453:\n27 × 400 = 10,800", "EmwKAhgBEgy3va3pzix", "27 × 453 = 12,231"],
        "end_turn",
        "",
    ),
    "anthropic.search": (
        [{"query": "weather NYC"}, "srvtoolu_014hJH82Qum7Td6UV8gDXThB", "Sunny."],
        "end_turn",
        "",
    ),
    "anthropic.stop-sequence": (["1 2 "], "stop_sequence", ""),
    "anthropic.cut-tool": ([{}], "max_tokens", ""),
    "anthropic.refusal": ([], "refusal", ""),
    "anthropic.two-deltas": (["Working."], "end_turn", ""),
    "anthropic.empty": ([], "end_turn", ""),
    "anthropic.error": (["Hel"], None, "error must"),
    "anthropic.novel": ([None, "Ok"], "end_turn", "unknown may, unknown may"),
    "bedrock.text": ([FLEXIBLE], "end_turn", ""),
    "vertex.text": ([FLEXIBLE], "end_turn", ""),
    "translated.tools": ([{"city": "Paris"}, {"city": "Rome"}], "tool_use", ""),
    "openai.text": (FLEXIBLE, "stop", ""),
    "openai.tools": (['{"city": "Paris"}', '{"city": "Rome"}'], "tool_calls", ""),
    "azure.text": ("Hi", "stop", "empty-choices should"),
    "vllm.text": ("Hi", "stop", ""),
    "compat.text": ("Hi there", "stop", ""),
    "openrouter.text": ("Hi!", "stop", "role-first should, usage should, after-finish should"),
    "openrouter.error": ("Hel", None, "error must"),
    "ollama.text": ("Hi!", "stop", "role-first should"),
}


def told(name: str, body: Json) -> tuple[Any, str | None]:
    if protocol(name) == "openai":
        choice = body["choices"][0]
        calls = [call["function"]["arguments"] for call in choice["message"].get("tool_calls", ())]
        return calls or choice["message"]["content"], choice["finish_reason"]
    keys = ("text", "thinking", "input", "data", "tool_use_id")
    content = [next((b[key] for key in keys if key in b), None) for b in body["content"]]
    return content, body["stop_reason"]


def broken(found: Answer) -> str:
    return ", ".join(f"{c.rule.removeprefix('stream.')} {c.level}" for c in found.violations)


def test_there_is_an_expectation_for_every_example() -> None:
    assert WIRE.keys() == TOLD.keys()
    assert len(WIRE) > 20


@pytest.mark.parametrize("name", TOLD)
def test_a_real_stream_adds_up_to_the_plain_answer(name: str) -> None:
    found = answer(name, WIRE[name])
    content, reason, laws = TOLD[name]
    assert broken(found) == laws
    assert told(name, found.body) == (content, reason)
    if not re.search("error", name):
        schema = "openai/completion" if protocol(name) == "openai" else "anthropic/message"
        assert json_schema.errors(schema, found.body) == []


@pytest.mark.parametrize("line_end", LINE_ENDS)
@pytest.mark.parametrize("name", TOLD)
def test_comments_pings_and_line_ends_change_nothing(name: str, line_end: str) -> None:
    plain, other = answer(name, WIRE[name]), answer(name, seasoned(name, line_end))
    assert other.body == plain.body
    assert broken(other) == broken(plain)
    real = [chunk for chunk in other.chunks if chunk.get("type") != "ping"]
    assert real == [chunk for chunk in plain.chunks if chunk.get("type") != "ping"]


@pytest.mark.parametrize("line_end", LINE_ENDS)
@pytest.mark.parametrize("name", TOLD)
def test_cut_at_every_byte_the_events_are_the_same(name: str, line_end: str) -> None:
    wire = seasoned(name, line_end)
    whole = events(wire)
    assert events(*(wire[at : at + 1] for at in range(len(wire)))) == whole
    for size in (2, 3, 7):
        assert events(*(wire[at : at + size] for at in range(0, len(wire), size))) == whole
    wire = WIRE[name].replace(b"\n", LINE_ENDS[line_end])
    whole = events(wire)
    for cut in range(len(wire) + 1):
        assert events(wire[:cut], wire[cut:]) == whole


@pytest.mark.parametrize("name", TOLD)
def test_a_stream_that_was_cut_off_is_read_as_far_as_it_came(name: str) -> None:
    """What it did not live to say is not held against it."""
    laws = set(TOLD[name][2].split(", ")) - {""}
    for cut in range(0, len(WIRE[name]), 5):
        found = answer(name, WIRE[name][:cut], end="dropped")
        assert set(broken(found).split(", ")) - {""} <= laws
        assert bool(found.unreadable) == (found.body is None)


def test_events_keep_their_numbers() -> None:
    parser = Parser()
    found: list[Event] = parser.feed(WIRE["anthropic.text"])
    assert [event.number for event in found] == list(range(8))
