"""Simpler requests have the form of their protocol."""

from __future__ import annotations

from typing import Any

import pytest

from harness.model import Json
from harness.plan.request_parts import CHAT, ITEMS, TOOL_SCHEMA, Prompt, simpler_bodies

USER = {"role": "user", "content": "Hello."}
MESSAGES = {"model": "m", "messages": [USER]}
FLAT = {"type": "function", "name": "x", "parameters": {"type": "object"}, "strict": True}
NESTED = {"type": "function", "function": {"name": "x", "parameters": {"type": "object"}}}
THEIRS = {"name": "x", "input_schema": {"type": "object"}}
TOOL = {"name": "get_weather", "description": "Get the current weather in a city."}


def simpler(body: Json, base: Json, prompt: Prompt) -> dict[str, Any]:
    return dict(simpler_bodies({**base, **body}, base, "", is_part=False, prompt=prompt))


@pytest.mark.parametrize(
    ("tool", "usual"),
    [
        (FLAT, {"type": "function", **TOOL, "parameters": TOOL_SCHEMA}),
        (NESTED, {"type": "function", "function": {**TOOL, "parameters": TOOL_SCHEMA}}),
        (THEIRS, {**TOOL, "input_schema": TOOL_SCHEMA}),
    ],
)
def test_usual_tool_has_the_form_of_the_tool_of_the_case(tool: Json, usual: Json) -> None:
    [body] = simpler({"tools": [tool]}, MESSAGES, CHAT).values()
    assert body["tools"] == [usual]


@pytest.mark.parametrize("prompt", ["Hello.", [USER]])
def test_parts_of_responses_are_items(prompt: Json) -> None:
    items = [
        {"role": "developer", "content": "Be brief."},
        {"role": "user", "content": [{"type": "input_text", "text": "Hi."}]},
        {"role": "assistant", "content": "Hi."},
    ]
    bodies = simpler({"input": items, "instructions": "x"}, {"model": "m", "input": prompt}, ITEMS)
    text = {"role": "user", "content": [{"type": "input_text", "text": "Hello."}]}
    instruction = {"role": "developer", "content": "Answer in English."}
    assert bodies == {
        "a message with one text part": {"model": "m", "input": [text]},
        "a request with a developer message": {"model": "m", "input": [instruction, USER]},
        "a request with an earlier answer": {
            "model": "m",
            "input": [USER, {"role": "assistant", "content": "ready"}, USER],
        },
        "the base request with instructions": {
            "model": "m",
            "input": prompt,
            "instructions": "Answer in English.",
        },
    }


def test_inputs_of_embeddings_are_no_conversation() -> None:
    base = {"model": "m", "input": "Hello."}
    assert simpler({"input": [[1, 2], [3]]}, base, CHAT) == {}
