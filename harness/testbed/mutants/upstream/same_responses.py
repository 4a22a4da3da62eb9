"""Mutants of the Responses endpoint in front of a provider of the same protocol."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from harness.testbed.gateway.gateway import Overrides
from harness.testbed.gateway.model_types import ModelReply
from harness.testbed.keys import GATEWAY_KEY
from harness.testbed.mutants.upstream.operators import (
    Body,
    Change,
    changes_reply,
    changes_request,
    drops,
    hides_failure,
    sends_twice,
)
from harness.testbed.mutants.upstream.provider_failures import passes_errors_on
from harness.testbed.mutants.upstream.request_changes import add_tool, double
from harness.testbed.mutants.upstream.responses import (
    ADDED,
    DROPPED,
    FORMAT,
    KEYS,
    LOST,
    ONCE,
    ROME,
    STATE,
    SYSTEM,
    TEXT,
    UNDERWAY,
    VALUES,
    forwards_key,
    group,
)

SIDE = "forward.responses"
BASH = {"type": "function", "name": "Bash", "parameters": {"type": "object", "properties": {}}}


def request(change: Change) -> Overrides:
    return changes_request(SIDE, change)


def answer(change: Change) -> Overrides:
    """Changes a copy of the provider's answer."""

    def change_reply(reply: ModelReply) -> ModelReply:
        response = copy.deepcopy(reply.response)
        change(response)
        return replace(reply, response=response)

    return changes_reply(SIDE, change_reply)


def items(kind: str, change: Callable[[list[Body]], Any]) -> Change:
    """Changes the items of a kind, of an input or an output."""

    def change_items(body: Body) -> None:
        value: Any = body.get("input", body.get("output"))
        change([item for item in value if isinstance(item, dict) and item.get("type") == kind])

    return change_items


def swap_outputs(outputs: list[Body]) -> None:
    if len(outputs) > 1:
        outputs[0]["call_id"], outputs[1]["call_id"] = outputs[1]["call_id"], outputs[0]["call_id"]


def strip_texts(messages: list[Body]) -> None:
    for message in messages:
        for part in message["content"]:
            part["text"] = part["text"].strip()


def drop_second_call(body: Body) -> None:
    calls = [item for item in body["output"] if item["type"] == "function_call"]
    body["output"] = [item for item in body["output"] if item not in calls[1:]]


def count_itself(body: Body) -> None:
    body["usage"] |= {"input_tokens": 1, "output_tokens": 1, "total_tokens": 2}


def complete(body: Body) -> None:
    body |= {"status": "completed", "incomplete_details": None}


def drop_strict(body: Body) -> None:
    for tool in body.get("tools") or ():
        tool.pop("strict", None)


BEFORE_RESPONSES = group(
    "same",
    ("adds-tool", "adds a tool", ADDED, request(add_tool(BASH))),
    ("swaps", "exchanges the outputs of functions", LOST,
     request(items("function_call_output", swap_outputs))),
    ("limit", "doubles the limit", VALUES, request(double("max_output_tokens"))),
    ("twice", "sends each request twice", ONCE, sends_twice(SIDE)),
    ("instructions-lost", "drops the instructions",
     ("upstream.sent.instructions", f"forwarded ${SYSTEM}"), request(drops("instructions"))),
    ("limit-lost", "drops the limit",
     ("upstream.sent.limit", "forwarded $.max_output_tokens"),
     request(drops("max_output_tokens"))),
    ("top_p-lost", "drops top_p", ("upstream.sent.sampling", "forwarded $.top_p"),
     request(drops("top_p"))),
    ("strict-lost", "drops strict", ("upstream.sent.tools", "forwarded $.tools[0].strict"),
     request(drop_strict)),
    ("format-lost", "drops the format", ("format.json_schema", FORMAT.format("text.format")),
     request(drops("text"))),
    ("forgets", "drops previous_response_id", STATE, request(drops("previous_response_id"))),
    ("key", "forwards the caller's key", ("upstream.key", "forwarded header authorization"),
     forwards_key(SIDE, "authorization", f"Bearer {GATEWAY_KEY}")),
    ("strips", "strips texts", ("upstream.answer.text", TEXT),
     answer(items("message", strip_texts))),
    ("one-call", "returns the first of several calls", ("upstream.answer.calls", ROME),
     answer(drop_second_call)),
    ("usage", "counts tokens itself", ("upstream.answer.usage", "body $.usage.input_tokens"),
     answer(count_itself)),
    ("completed", "reports each answer as completed", ("upstream.answer.cut", "body $.status"),
     answer(complete)),
    ("underway", "completes a stream after an error", UNDERWAY,
     hides_failure(SIDE, "stream_error")),
    ("dropped", "completes a stream after a dropped connection", DROPPED,
     hides_failure(SIDE, "incomplete_error")),
    ("401-key", "hands a key in the provider's message on", ("upstream.error.401", KEYS),
     passes_errors_on(SIDE, mask=True)),
    to="Responses",
)  # fmt: skip
