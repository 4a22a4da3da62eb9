"""Mutants of replayed calls and tool results in Messages requests."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from harness.testbed.gateway.gateway import Overrides
from harness.testbed.mutants.anthropic.operators import (
    Blocks,
    content,
    crashes,
    loses,
    mutant,
    refuses,
    repairs,
)
from harness.testbed.mutants.anthropic.request_fields import REFUSED, TEXT
from harness.testbed.mutants.openai.operators import Body, has, sets, values_at

RESULT: tuple[Any, ...] = ("messages", "*", "content", {"type": "tool_result"})
CALLED: tuple[Any, ...] = ("messages", "*", "content", {"type": "tool_use"})


def results(change: Callable[[Body], Any]) -> Overrides:
    """Changes tool results before the model."""
    return loses(lambda body: [change(item) for item in values_at(body, *RESULT)])


def drop_list(item: Body) -> None:
    if isinstance(item.get("content"), list):
        item["content"] = ""


def keep_first_item(item: Body) -> None:
    if isinstance(item.get("content"), list):
        item["content"] = item["content"][:1]


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
    mutant("loop.empty-text", "sends an empty text before a call and rejects it on replay",
           "tools.loop", "status", content(before_calls)),
    mutant("result.lost", "drops tool results", "tools.result", "any_of",
           results(sets(content=""))),
    mutant("result.blocks-lost", "drops results in blocks", "tools.result.blocks", "any_of",
           results(drop_list)),
    mutant("result.blocks-refused", "rejects results in blocks", "tools.result.blocks", "status",
           refuses(
               lambda body: any(isinstance(c, list) for c in values_at(body, *RESULT, "content")),
                   "content")),
    mutant("result.first-block", "forwards only the first block of a result",
           "tools.result.blocks.several", "any_of", results(keep_first_item)),
    mutant("result.text-lost", "drops the blocks next to a result", "tools.result.and-text",
           "any_of", loses(after_results)),
    mutant("result.empty", "rejects a result without content", "tools.result.empty", "status",
           refuses(lambda body: any("content" not in r for r in values_at(body, *RESULT)),
               "content")),
    mutant("result.is_error", "rejects is_error", "tools.result.is_error", "status",
           refuses(has(*RESULT, "is_error"), "is_error")),
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
    mutant("use.crash", "returns a 500 for a call whose input is text", "tools.use.wrong-type",
           "rejected.status", crashes(lambda body: any(
               not isinstance(i, dict) for i in values_at(body, *CALLED, "input")))),
)  # fmt: skip
