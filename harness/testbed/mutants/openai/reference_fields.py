"""Mutants of optional fields of requests and messages: crashes, losses, refusals without names."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

from harness.testbed.base import Mutant
from harness.testbed.gateway.model_types import Json, ModelRequest
from harness.testbed.mutants.openai.chat import swap_results
from harness.testbed.mutants.openai.operators import (
    Body,
    Test,
    answers,
    call,
    crashes,
    forgives,
    has,
    loses,
    misreads,
    refuses,
    repairs,
    values_at,
)
from harness.testbed.mutants.tool_lists import keep_tools

STATUS, NAMED = "honoured_or_refused.status", "honoured_or_refused.named"
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
ROLES = ("system", "developer", "user", "assistant")
IMAGES = ("messages", "*", "content", "*", "image_url", "detail")


def crash(name: str, what: str, case: str, test: Test) -> Mutant:
    return Mutant(f"field.{name}-crash", f"returns a 500 for {what}", case, STATUS, crashes(test))


def unnamed(name: str, what: str, case: str, test: Test) -> Mutant:
    description = f"rejects {what} without naming it"
    return Mutant(f"field.{name}-unnamed", description, case, NAMED, refuses(test, "request"))


def both(name: str, what: str, case: str, test: Test) -> tuple[Mutant, Mutant]:
    return crash(name, what, case, test), unnamed(name, what, case, test)


OPTIONAL = (
    *(each for name, case in UNSEEN.items() for each in both(name, name, case, has(name))),
    *(
        each
        for role in ROLES
        for each in both(
            f"{role}-name",
            f"the name of {role} messages",
            f"messages.{role}.name",
            has("messages", {"role": role}, "name"),
        )
    ),
    *both("detail", "the detail of an image", "images.detail", has(*IMAGES)),
    crash("obfuscation", "include_obfuscation", "options.include_obfuscation",
          has("stream_options", "include_obfuscation")),
    crash("past-audio", "the id of an earlier sound", "messages.assistant.audio",
          has("messages", {"role": "assistant"}, "audio")),
    crash("past-refusal", "an earlier refusal", "messages.assistant.refusal",
          has("messages", {"role": "assistant"}, "refusal")),
    crash("refusal-part", "a refusal as a part", "messages.assistant.refusal.part",
          has("messages", "*", "content", {"type": "refusal"})),
    crash("format-text", "the default response_format", "options.response_format.text",
          has("response_format")),
    unnamed("modalities-text", "the default modality", "options.modalities", has("modalities")),
)  # fmt: skip


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


def drop_format_with_long_name(body: Body) -> None:
    for name in values_at(body, "response_format", "json_schema", "name"):
        if len(str(name)) > 32:
            body.pop("response_format")
            return


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


def drop_function_result(body: Body) -> None:
    for message in values_at(body, "messages", {"role": "function"}):
        message["content"] = ""


def cut_limited_call(body: Body, whole: Body) -> None:
    """Cuts the arguments of a call if the request has any limit."""
    for item in values_at(whole, "choices", "*", "message", "tool_calls", "*", "function"):
        if body.get("max_completion_tokens"):
            item["arguments"] = item["arguments"][:-2]


def choice_of_tools_only(request: ModelRequest) -> str:
    """Returns the choice, as if `function_call` were not there."""
    return "auto" if request.body.get("function_call") else request.choice


def drop_refusal(original: Callable[[Body], Any], piece: Body) -> Any:
    return None if piece["type"] == "refusal" else original(piece)


def allow_all_tools(original: Callable[[Body], Any], body: Body) -> None:
    """Ignores which tools a choice allows."""


LOST = (
    Mutant("field.audio-part-lost", "drops sound silently", "messages.input_audio", "more_than",
           repairs(without_parts("input_audio"))),
    Mutant("field.file-lost", "drops files silently", "messages.file", "any_of",
           repairs(without_parts("file"))),
    Mutant("field.refusal-lost", "drops earlier refusals", "messages.assistant.refusal.part",
           "more_than", {"chat.part": drop_refusal}),
    Mutant("field.audio-ignored", "answers with a text if sound is requested", "options.audio",
           "body $.choices[0].message.audio", forgives("modalities")),
    Mutant("field.custom-lost", "drops custom tools silently", "tools.custom", CALLS,
           repairs(keep_tools(is_no_custom_tool))),
    Mutant("field.custom-choice-lost", "drops custom tools and their choice silently",
           "tools.custom.named", CALLS, repairs(keep_tools(is_no_custom_tool))),
    Mutant("field.allowed-ignored", "offers tools that the choice does not allow",
           "tools.allowed", NAME, {"allowed_tools": allow_all_tools}),
    Mutant("field.strict-ignored", "leaves out a required argument of a strict tool",
           "tools.strict", FIRST_ARGUMENTS, call(keep_first_argument)),
    Mutant("field.format-long", "ignores a format with a long name",
           "options.json_schema.described", "any_of", repairs(drop_format_with_long_name)),
    Mutant("field.format-flat", "ignores the schemas within a schema",
           "options.json_schema.nested", "any_of", {"json_schema": flat_schema}),
    Mutant("field.format-malformed", "ignores a malformed format",
           "options.json_schema.malformed", "rejected.refused", forgives("response_format")),
    Mutant("field.function-result-lost", "drops the results of functions", "messages.function",
           "any_of", loses(drop_function_result)),
    Mutant("field.function_call-ignored", "ignores function_call", "tools.function_call",
           "any_of", misreads(choice=choice_of_tools_only)),
    Mutant("field.limited-call-cut", "cuts calls if the request has a limit",
           "tools.limit.roomy", "any_of", answers(cut_limited_call)),
    Mutant("field.results-swapped", "gives each of two calls the result of the other",
           "tools.results.swapped", "body $.choices[0].message.content", loses(swap_results)),
)  # fmt: skip

REFERENCE_FIELDS: tuple[Mutant, ...] = (*OPTIONAL, *LOST)
