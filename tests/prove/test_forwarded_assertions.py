"""Every assertion on forwarded requests can fail."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from harness.judge import judge
from harness.model import Exchange, Forwarded, Plan
from tests.support.provider_cases import PACKS, in_process_upstream, plans

pytestmark = pytest.mark.no_cover

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
    "image_url": {"url": "data:application/pdf;base64,JVBERi0xLjQK"},
    "source": {"data": "data:application/pdf;base64,JVBERi0xLjQK"},
    "functions": [],
    **dict.fromkeys(("system", "parallel_tool_calls", "stream_options", "model"), "z"),
    **dict.fromkeys(("top_p", "temperature", "max_tokens", "max_completion_tokens", "top_k"), 9),
}
# A gateway that refuses what it cannot translate forwards nothing that could be judged.
REFUSES_NOTHING = {"forward.openai.check_translatable": lambda original, request: None}
KEYS = (("authorization", "[key:caller]"), ("x-api-key", "[key:caller]"))
HEADERS = (*KEYS, *KEYS, ("api-key", "[key:caller]"), ("cookie", "0123456789abcdef"))


def with_forwarded_body(exchange: Exchange, body: Any) -> Exchange:
    """Replaces the body and headers of all forwarded requests, and repeats the requests."""

    def change(forwarded: Forwarded) -> Forwarded:
        return replace(forwarded, body=json.dumps(body), headers=HEADERS)

    requests = tuple(change(forwarded) for forwarded in exchange.forwarded or ())
    return replace(exchange, forwarded=(*requests, *requests))


Key = tuple[str, str, str]  # an assertion: its case, place and rule


def assertions(plan: Plan) -> set[Key]:
    """The plan's assertions on forwarded requests."""
    own = (each for each in plan.assertions if each.rule.startswith("forwarded"))
    return {(plan.case.name, str(each.place), each.rule) for each in own}


def failures(plan: Plan, exchanges: Mapping[str, Exchange]) -> set[Key]:
    findings = judge(plan, exchanges).findings
    return {(plan.case.name, str(f.place), f.rule) for f in findings if f.status == "fails"}


def test_every_assertion_on_forwarded_requests_can_fail() -> None:
    """A case is judged on invalid requests until each of its assertions has failed."""
    planned = {name: assertions(plan) for name, plan in plans().items() if plan.case.pack in PACKS}
    assert sum(map(len, planned.values())) > 400
    for protocol in ("openai", "anthropic"):
        checked = [plans()[name] for name, rest in planned.items() if rest]
        exchanges = in_process_upstream().fire(checked, REFUSES_NOTHING, providers=(protocol,))
        for body in (NONSENSE, {}):
            changed = {s: with_forwarded_body(e, body) for s, e in exchanges.items()}
            for name, rest in planned.items():
                if rest:
                    rest -= failures(plans()[name], changed)
    assert sorted(key for rest in planned.values() for key in rest) == []
