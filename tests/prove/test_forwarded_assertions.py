"""No demand on what reaches the provider that cannot fail: nonsense there breaks every one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from harness.judge import judge
from harness.model import Exchange, Forwarded, Plan
from tests.support.provider_cases import LIKE_ANTHROPIC, LIKE_OPENAI, PACKS, behind, plans

TOOL: dict[str, Any] = {
    "type": "x",
    "name": "z",
    "strict": 1,
    "function": {"name": "z", "parameters": {"properties": {"x": 1}, "type": "array"}},
    "input_schema": {"type": "array", "strict": 1, "properties": {"y": 1}},
    "parameters": 1,
}
NONSENSE: dict[str, Any] = {
    "messages": [
        {"role": "system", "content": "x"},
        {"role": "assistant", "content": [{"type": "text", "text": "[key:caller]"}]},
        {"role": "x", "content": [{"type": "text", "text": "a"}]},
    ],
    "tools": [TOOL],
    "tool_choice": {"type": "z", "disable_parallel_tool_use": 7},
    "thinking": {"type": "z", "budget_tokens": 1},
    "reasoning_effort": "high",
    "stop": [" "],
    "stop_sequences": [" "],
    "metadata": {"team": 1},
    "detail": 1,
    "input_schema": 1,
    "functions": [],
    **dict.fromkeys(("system", "parallel_tool_calls", "stream_options", "model"), "z"),
    **dict.fromkeys(("top_p", "temperature", "max_tokens", "max_completion_tokens", "top_k"), 9),
}
KEYS = (("authorization", "[key:caller]"), ("x-api-key", "[key:caller]"))
HEADERS = (*KEYS, *KEYS, ("api-key", "[key:caller]"), ("cookie", "0123456789abcdef"))


def garbled(seen: Exchange, body: Any) -> Exchange:
    def other(each: Forwarded) -> Forwarded:
        return replace(each, body=json.dumps(body), headers=HEADERS)

    arrived = tuple(other(each) for each in seen.forwarded or ())
    return replace(seen, forwarded=(*arrived, *arrived))


def asks(plan: Plan) -> bool:
    return any(assertion.rule.startswith("forwarded") for assertion in plan.assertions)


def findings() -> Iterator[tuple[tuple[str, str, str], bool]]:
    """Each demand on what arrived, and whether it held, whoever the provider is."""
    ours = [plan for plan in plans().values() if plan.case.pack in PACKS and asks(plan)]
    for providers in (LIKE_OPENAI, LIKE_ANTHROPIC):
        made = behind().fire(ours, providers=providers)
        for body in ({}, NONSENSE):
            seen = {shot: garbled(exchange, body) for shot, exchange in made.items()}
            for plan in ours:
                for found in judge(plan, seen).findings:
                    if found.rule.startswith("forwarded"):
                        yield (plan.case.name, str(found.place), found.rule), found.holds


def test_every_assertion_on_forwarded_requests_can_fail() -> None:
    held: set[tuple[str, str, str]] = set()
    broken: set[tuple[str, str, str]] = set()
    for assertion, holds in findings():
        (held if holds else broken).add(assertion)
    assert sorted(held - broken) == []
    assert len(broken) > 400
