"""Mutants of optional fields of requests and messages: crashes, losses, refusals without names."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

from harness.testbed.base import Mutant
from harness.testbed.gateway.model_types import Json, ModelRequest
from harness.testbed.mutants.openai.operators import (
    Body,
    answers,
    call,
    has,
    misreads,
    repairs,
    values_at,
)
from harness.testbed.mutants.tool_lists import keep_tools
from harness.testbed.mutation.rows import mutants_in

CALLS = "body $.choices[0].message.tool_calls"
NAME = "body $.choices[0].message.tool_calls[*].function.name"
FIRST_ARGUMENTS = "body $.choices[0].message.tool_calls[*].function.arguments"
# The fields whose effect no answer shows, with their cases.
UNSEEN = {
    "seed": "options.unseen",
    "user": "options.unseen.user",
    "metadata": "options.unseen.metadata",
    "frequency_penalty": "options.unseen.penalty",
    "logit_bias": "options.unseen.logit_bias",
    "presence_penalty": "options.presence_penalty",
    "safety_identifier": "options.safety_identifier",
    "store": "options.store",
    "service_tier": "options.service_tier",
    "prediction": "options.prediction",
    "reasoning_effort": "options.reasoning_effort",
    "verbosity": "options.verbosity",
    "prompt_cache_key": "options.prompt_cache_key",
    "prompt_cache_retention": "options.prompt_cache_retention",
    "prompt_cache_options": "options.prompt_cache_options",
    "web_search_options": "options.web_search_options",
    "moderation": "options.moderation",
}


def without_parts(kind: str) -> Callable[[Body], None]:
    """Drops the parts of one type from all messages."""

    def change(body: Body) -> None:
        for message in body.get("messages") or ():
            content = message.get("content") if isinstance(message, dict) else None
            if isinstance(content, list):
                message["content"] = [p for p in content if p.get("type") != kind]

    return change


def is_no_custom_tool(tool: Body) -> bool:
    return "custom" not in tool


def flat_schema(original: Callable[[Body], Json], body: Body) -> Json:
    """Leaves out the schemas within a schema."""
    schema = copy.deepcopy(original(body))
    for inner in values_at(schema, "properties"):
        for name, value in inner.items():
            inner[name] = {"type": "string"} if has("properties")(value) else value
    return schema


def keep_first_argument(item: Body) -> None:
    arguments = json.loads(item["function"]["arguments"])
    item["function"]["arguments"] = json.dumps(dict([*arguments.items()][:1]))


def cut_limited_call(body: Body, whole: Body) -> None:
    """Cuts the arguments of a call if the request has any limit."""
    for item in values_at(whole, "choices", "*", "message", "tool_calls", "*", "function"):
        if body.get("max_completion_tokens"):
            item["arguments"] = item["arguments"][:-2]


def choice_of_tools_only(request: ModelRequest) -> str:
    """Returns the choice, as if `function_call` were not there."""
    return "auto" if request.body.get("function_call") else request.choice


def allow_all_tools(original: Callable[[Body], Any], body: Body) -> None:
    """Ignores which tools a choice allows."""


LOST = (
    Mutant("field.audio-part-lost", "drops sound silently", "messages.input_audio", "more_than",
           repairs(without_parts("input_audio"))),
    Mutant("field.file-lost", "drops files silently", "messages.file", "any_of",
           repairs(without_parts("file"))),
    Mutant("field.custom-lost", "drops custom tools silently", "tools.custom", CALLS,
           repairs(keep_tools(is_no_custom_tool))),
    Mutant("field.custom-choice-lost", "drops custom tools and their choice silently",
           "tools.custom.named", CALLS, repairs(keep_tools(is_no_custom_tool))),
    Mutant("field.allowed-ignored", "offers tools that the choice does not allow",
           "tools.allowed", NAME, {"allowed_tools": allow_all_tools}),
    Mutant("field.strict-ignored", "leaves out a required argument of a strict tool",
           "tools.strict", FIRST_ARGUMENTS, call(keep_first_argument)),
    Mutant("field.format-flat", "ignores the schemas within a schema",
           "options.json_schema.nested", "any_of", {"json_schema": flat_schema}),
    Mutant("field.function_call-ignored", "ignores function_call", "tools.function_call",
           "any_of", misreads(choice=choice_of_tools_only)),
    Mutant("field.limited-call-cut", "cuts calls if the request has a limit",
           "tools.limit.roomy", "any_of", answers(cut_limited_call)),
)  # fmt: skip

REFERENCE_FIELDS: tuple[Mutant, ...] = (*mutants_in("openai/reference_fields"), *LOST)
