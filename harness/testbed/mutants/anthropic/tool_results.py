"""Mutants of replayed calls and tool results in Messages requests."""

from __future__ import annotations

from typing import Any

from harness.testbed.mutants.anthropic.operators import (
    Blocks,
    content,
    loses,
    mutant,
    repairs,
)
from harness.testbed.mutants.anthropic.request_fields import REFUSED, TEXT
from harness.testbed.mutants.openai.operators import Body, values_at
from harness.testbed.mutation.rows import mutants_in

RESULT: tuple[Any, ...] = ("messages", "*", "content", {"type": "tool_result"})
CALLED: tuple[Any, ...] = ("messages", "*", "content", {"type": "tool_use"})


def after_results(body: Body) -> None:
    """Keeps only the results of a turn with results."""
    for reply in values_at(body, "messages", {"role": "user"}):
        if any(True for _ in values_at(reply, "content", {"type": "tool_result"})):
            reply["content"] = [b for b in reply["content"] if b["type"] == "tool_result"]


def by_order(body: Body) -> None:
    """Matches results to calls by their order."""
    ids = list(values_at(body, *CALLED, "id"))
    for item, name in zip(values_at(body, *RESULT), ids, strict=False):
        item["tool_use_id"] = name


def one_result(body: Body) -> None:
    """Keeps the first of several results and its call."""
    for reply in body["messages"]:
        kinds = [b["type"] for b in reply["content"]] if isinstance(reply["content"], list) else []
        if kinds and set(kinds) <= {"tool_use", "tool_result"}:
            reply["content"] = reply["content"][:1]


def drop_unmatched(body: Body) -> None:
    """Removes calls and results without a counterpart."""
    for reply in values_at(body, "messages", "*"):
        if isinstance(reply, dict) and isinstance(reply.get("content"), list):
            kept = [b for b in reply["content"] if b["type"] not in ("tool_use", "tool_result")]
            reply["content"] = kept or "?"


def repair_input(body: Body) -> None:
    for item in values_at(body, *CALLED):
        item["input"] = item["input"] if isinstance(item["input"], dict) else {}


def before_calls(blocks: Blocks) -> Blocks:
    """Adds an empty text before a call."""
    calls = any(item["type"] == "tool_use" for item in blocks)
    return [{"type": "text", "text": ""}, *blocks] if calls else blocks


ANTHROPIC_RESULTS = (
    *mutants_in("anthropic/tool_results"),
    mutant("loop.empty-text", "sends an empty text before a call and rejects it on replay",
           "tools.loop", "status", content(before_calls)),
    mutant("result.text-lost", "drops the blocks next to a result", "tools.result.and-text",
           "any_of", loses(after_results)),
    mutant("result.one", "forwards only the first of several results", "tools.results", "any_of",
           loses(one_result)),
    mutant("result.by-order", "matches results to calls by their order", "tools.results.bound",
           TEXT, loses(by_order)),
    mutant("result.missing", "accepts a call without a result", "tools.result.missing", REFUSED,
           repairs(drop_unmatched)),
    mutant("result.unknown", "accepts a result with an unknown call id", "tools.result.unknown",
           REFUSED, repairs(by_order)),
    mutant("result.id-missing", "accepts a result without a call id",
           "tools.result.id-missing", "required.refused", repairs(by_order)),
    mutant("use.text", "accepts a call whose input is text", "tools.use.wrong-type", REFUSED,
           repairs(repair_input)),
)  # fmt: skip
