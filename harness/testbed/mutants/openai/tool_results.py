"""Mutants of tool results, call ids and legacy function messages."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from harness.testbed.base import Mutant
from harness.testbed.mutants.openai.operators import (
    Body,
    loses,
    refuses,
    repairs,
    values_at,
)
from harness.testbed.mutation.rows import mutants_in

TOOL = ("messages", {"role": "tool"})
PAST = ("messages", {"role": "assistant"}, "tool_calls", "*")
CONTENT = "body $.choices[0].message.content"


def by_order(body: Body) -> None:
    """Matches results to calls by their order."""
    ids = list(values_at(body, *PAST, "id"))
    for reply, name in zip(values_at(body, *TOOL), ids, strict=False):
        reply["tool_call_id"] = name


def replace_unknown_ids(body: Body) -> None:
    """Drops results without a matching call."""
    ids = set(values_at(body, *PAST, "id"))
    messages = body.get("messages")
    for reply in messages if isinstance(messages, list) else ():
        if isinstance(reply, dict) and reply.get("role") == "tool":
            is_known = reply.get("tool_call_id") in ids
            reply.update(
                tool_call_id=reply.get("tool_call_id") if is_known else min(ids, default="")
            )


def parts_as_json(original: Callable[[Body], str], message: Body) -> str:
    content = message.get("content")
    is_parts = message["role"] == "tool" and isinstance(content, list)
    return json.dumps(content) if is_parts else original(message)


def several_results(body: Body) -> bool:
    return len(list(values_at(body, *TOOL))) > 1


RESULTS = (
    Mutant("result.parts-json", "forwards tool results in parts as JSON text",
           "message.tool.content.array", "same_as", {"text": parts_as_json}),
    Mutant("result.by-order", "matches results to calls by their order",
           "message.tool.tool_call_id", CONTENT, loses(by_order)),
    Mutant("result.unbound", "accepts a result with an unknown call id",
           "message.tool.tool_call_id.unknown", "rejected.refused", repairs(replace_unknown_ids)),
    Mutant("result.id-missing", "accepts a result without a call id",
           "message.tool.tool_call_id.missing", "required.refused", repairs(replace_unknown_ids)),
    Mutant("result.several", "rejects more than one tool result", "tools.results", "status",
           refuses(several_results, "messages")),
)  # fmt: skip


def join_ids(original: Callable[..., list[Body]], *args: Any) -> list[Body]:
    """Sends the joined arguments of all calls in each call."""
    calls = original(*args)
    text = "".join(item["function"]["arguments"] for item in calls)
    return [{**item, "function": {**item["function"], "arguments": text}} for item in calls]


IDS = (
    *mutants_in("openai/tool_results"),
    Mutant("calls.joined", "joins the arguments of all calls", "tools.parallel",
           "body $.choices[0].message.tool_calls[*].function.arguments", {"tool_calls": join_ids}),
)  # fmt: skip
