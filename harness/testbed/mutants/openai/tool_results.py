"""Mutants of tool results, call ids and legacy function messages."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from harness.testbed.base import Mutant
from harness.testbed.gateway.gateway import Overrides
from harness.testbed.mutants.openai.messages import drops_parts, has_parts
from harness.testbed.mutants.openai.operators import (
    Body,
    Test,
    answers,
    call,
    crashes,
    has,
    loses,
    refuses,
    repairs,
    sets,
    values_at,
)

TOOL = ("messages", {"role": "tool"})
FUNCTION = ("messages", {"role": "function"})
PAST = ("messages", {"role": "assistant"}, "tool_calls", "*")
CONTENT = "body $.choices[0].message.content"


def drops_content(role: str) -> Overrides:
    """Drops the content of messages with this role."""

    def lose(body: Body) -> None:
        for reply in values_at(body, "messages", {"role": role}):
            reply["content"] = ""

    return loses(lose)


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


def arguments(value: str) -> Test:
    return lambda body: value in values_at(body, *PAST, "function", "arguments")


def null_content(body: Body) -> bool:
    return None in values_at(body, "messages", {"role": "assistant"}, "content")


def without_name(body: Body) -> bool:
    return any("name" not in reply for reply in values_at(body, *FUNCTION))


RESULTS = (
    Mutant("result.lost", "drops tool results", "message.tool.content.string", "any_of",
           drops_content("tool")),
    Mutant("result.lost-too", "drops tool results", "tools.result", "any_of",
           drops_content("tool")),
    Mutant("result.parts-refused", "rejects tool results in parts", "message.tool.content.array",
           "status", refuses(has_parts("tool"), "content")),
    Mutant("result.parts-json", "forwards tool results in parts as JSON text",
           "message.tool.content.array", "same_as", {"text": parts_as_json}),
    Mutant("result.parts-lost", "drops tool results in parts", "tools.result.parts", "any_of",
           drops_parts("tool")),
    Mutant("result.by-order", "matches results to calls by their order",
           "message.tool.tool_call_id", CONTENT, loses(by_order)),
    Mutant("result.unbound", "accepts a result with an unknown call id",
           "message.tool.tool_call_id.unknown", "rejected.refused", repairs(replace_unknown_ids)),
    Mutant("result.id-missing", "accepts a result without a call id",
           "message.tool.tool_call_id.missing", "required.refused", repairs(replace_unknown_ids)),
    Mutant("result.several", "rejects more than one tool result", "tools.results", "status",
           refuses(several_results, "messages")),
    Mutant("result.loop", "rejects null content with tool calls", "tools.loop", "status",
           refuses(null_content, "content")),
    Mutant("result.tool_choice", "rejects tool_choice in a tool message",
           "message.tool.tool_choice", "status", refuses(has(*TOOL, "tool_choice"), "tool_choice")),
    Mutant("past.empty-object", "rejects a past call without arguments",
           "message.assistant.tool_calls.no-arguments", "status",
           refuses(arguments("{}"), "arguments")),
    Mutant("past.empty-text", "returns a 500 for empty arguments of a past call",
           "message.assistant.tool_calls.empty-arguments", "status", crashes(arguments(""))),
    Mutant("past.index", "rejects the index in a past call", "message.assistant.tool_calls.index",
           "status", refuses(has(*PAST, "index"), "index")),
    Mutant("past.index-too", "rejects the index in a past call", "tools.replayed-index", "status",
           refuses(has(*PAST, "index"), "index")),
    Mutant("past.function_call", "rejects a past function_call",
           "message.assistant.function_call", "status",
           refuses(has("messages", {"role": "assistant"}, "function_call"), "function_call")),
    Mutant("function.lost", "drops the results of functions", "message.function.content.string",
           "any_of", drops_content("function")),
    Mutant("function.parts-lost", "drops the results of functions in parts",
           "message.function.content.array", "any_of", drops_parts("function")),
    Mutant("function.parts-refused", "rejects the results of functions in parts",
           "message.function.content.array", "status", refuses(has_parts("function"), "content")),
    Mutant("function.tool_choice", "rejects tool_choice in a function message",
           "message.function.tool_choice", "status",
           refuses(has(*FUNCTION, "tool_choice"), "tool_choice")),
    Mutant("function.nameless", "requires the name of a function message",
           "message.function.name.missing", "status", refuses(without_name, "name")),
)  # fmt: skip


def same_ids(original: Callable[..., list[Body]], *args: Any) -> list[Body]:
    """Uses the id of the first call for all calls."""
    calls = original(*args)
    return [{**item, "id": calls[0]["id"]} for item in calls]


def parse_arguments(body: Body, whole: Body) -> None:
    """Changes plain answers only; streams have their own mutant."""
    for function in values_at(whole, "choices", "*", "message", "tool_calls", "*", "function"):
        if not body.get("stream"):
            function["arguments"] = json.loads(function["arguments"])


def join_ids(original: Callable[..., list[Body]], *args: Any) -> list[Body]:
    """Sends the joined arguments of all calls in each call."""
    calls = original(*args)
    text = "".join(item["function"]["arguments"] for item in calls)
    return [{**item, "function": {**item["function"], "arguments": text}} for item in calls]


def drop_ids(item: Body) -> None:
    del item["type"]


IDS = (
    Mutant("calls.same-id", "uses one id for all calls of an answer", "tools.parallel",
           "unique $.choices[0].message.tool_calls[*].id", {"tool_calls": same_ids}),
    Mutant("calls.twins", "uses one id for all calls of an answer", "tools.calls.parallel",
           "unique $.choices[0].message.tool_calls[*].id", {"tool_calls": same_ids}),
    Mutant("calls.joined", "joins the arguments of all calls", "tools.parallel",
           "body $.choices[0].message.tool_calls[*].function.arguments", {"tool_calls": join_ids}),
    Mutant("calls.one-id", "uses one call id in all answers", "openai-chat/tools.ids-differ",
           "unique $.choices[0].message.tool_calls[*].id", call(sets(id="call_0"))),
    Mutant("calls.one-id-compat", "uses one call id in all answers",
           "response.choices.message.tool_calls.ids",
           "unique $.choices[0].message.tool_calls[*].id", call(sets(id="call_0"))),
    Mutant("calls.no-id", "sends calls with an empty id",
           "response.choices.message.tool_calls",
           "body $.choices[0].message.tool_calls[*].id", call(sets(id=""))),
    Mutant("calls.object", "sends arguments as an object", "tools.arguments",
           "body $.choices[0].message.tool_calls[*].function.arguments", answers(parse_arguments)),
    Mutant("calls.typed", "uses the call type tool_use",
           "response.choices.message.tool_calls",
           "body $.choices[0].message.tool_calls[*].type", call(sets(type="tool_use"))),
    Mutant("calls.untyped", "omits the type of a call",
           "response.choices.message.tool_calls",
           "body $.choices[0].message.tool_calls[*].type", call(drop_ids)),
)  # fmt: skip
