"""Streams of real providers are read alike with any line ends and any split of the bytes.

The streams in `wire/` are written by hand, after formats in the providers' references and issues.
"""

from __future__ import annotations

import re
from typing import Any

import pytest

from harness.decode.sse import Parser
from harness.model import Answer, Json
from harness.util import json_schema
from tests.support.wire_examples import WIRE, answer, protocol

LINE_ENDS = {"LF": b"\n", "CRLF": b"\r\n", "CR": b"\r"}
COMMENT = b": OPENROUTER PROCESSING\n\n"
BETWEEN = {"openai": COMMENT, "anthropic": COMMENT + b'event: ping\ndata: {"type": "ping"}\n\n'}
FLEXIBLE = "Grüße, 世界 🌍"


def parse(*pieces: bytes) -> list[tuple[str, str, str]]:
    parser = Parser()
    events = [event for piece in pieces for event in parser.feed(piece)]
    parser.close()
    assert parser.violations == []
    return [(event.event, event.data, event.id) for event in events]


def with_variations(name: str, line_end: str) -> bytes:
    """Return the stream with other line ends, and a comment and (Anthropic) a ping per event."""
    between = BETWEEN[protocol(name)]
    wire = between + WIRE[name].replace(b"\n\n", b"\n\n" + between)
    return wire.replace(b"\n", LINE_ENDS[line_end])


# The text or the calls that a client gets, the finish reason, and the violations.
EXPECTED: dict[str, tuple[Any, str | None, str]] = {
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


def content_and_reason(name: str, body: Json) -> tuple[Any, str | None]:
    if protocol(name) == "openai":
        choice = body["choices"][0]
        calls = [call["function"]["arguments"] for call in choice["message"].get("tool_calls", ())]
        return calls or choice["message"]["content"], choice["finish_reason"]
    keys = ("text", "thinking", "input", "data", "tool_use_id")
    content = [next((b[key] for key in keys if key in b), None) for b in body["content"]]
    return content, body["stop_reason"]


def violations(answer: Answer) -> str:
    return ", ".join(f"{c.rule.removeprefix('stream.')} {c.level}" for c in answer.violations)


def test_every_example_has_an_expectation() -> None:
    assert WIRE.keys() == EXPECTED.keys()
    assert len(WIRE) > 20


@pytest.mark.parametrize("name", EXPECTED)
def test_a_provider_stream_is_assembled_into_the_plain_answer(name: str) -> None:
    result = answer(name, WIRE[name])
    content, reason, expected = EXPECTED[name]
    assert violations(result) == expected
    assert content_and_reason(name, result.body) == (content, reason)
    if not re.search("error", name):
        schema = "openai/completion" if protocol(name) == "openai" else "anthropic/message"
        assert json_schema.errors(schema, result.body) == []


@pytest.mark.parametrize("line_end", LINE_ENDS)
@pytest.mark.parametrize("name", EXPECTED)
def test_comments_pings_and_line_ends_do_not_change_the_answer(name: str, line_end: str) -> None:
    plain, other = answer(name, WIRE[name]), answer(name, with_variations(name, line_end))
    assert other.body == plain.body
    assert violations(other) == violations(plain)
    real = [chunk for chunk in other.chunks if chunk.get("type") != "ping"]
    assert real == [chunk for chunk in plain.chunks if chunk.get("type") != "ping"]


@pytest.mark.parametrize("line_end", LINE_ENDS)
@pytest.mark.parametrize("name", EXPECTED)
def test_the_events_do_not_depend_on_where_the_bytes_are_split(name: str, line_end: str) -> None:
    wire = with_variations(name, line_end)
    expected = parse(wire)
    assert parse(*(wire[at : at + 1] for at in range(len(wire)))) == expected
    for size in (2, 3, 7):
        assert parse(*(wire[at : at + size] for at in range(0, len(wire), size))) == expected
    wire = WIRE[name].replace(b"\n", LINE_ENDS[line_end])
    expected = parse(wire)
    for cut in range(len(wire) + 1):
        assert parse(wire[:cut], wire[cut:]) == expected


@pytest.mark.parametrize("name", EXPECTED)
def test_an_interrupted_stream_has_no_further_violations(name: str) -> None:
    expected = set(EXPECTED[name][2].split(", ")) - {""}
    for cut in range(0, len(WIRE[name]), 5):
        result = answer(name, WIRE[name][:cut], end="dropped")
        assert set(violations(result).split(", ")) - {""} <= expected
        assert bool(result.unreadable) == (result.body is None)
