"""Mutants in which the Responses endpoint differs from the one of Chat Completions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from harness.testbed.base import Mutant
from harness.testbed.gateway.endpoint import Body, Headers
from harness.testbed.gateway.errors import RequestError, bad_value
from harness.testbed.gateway.gateway import Overrides
from harness.testbed.gateway.model_types import Image, Json, ModelRequest, Result, Turn
from harness.testbed.keys import GATEWAY_KEY
from harness.testbed.mutants.responses.operators import answers

TEXT = "body $.output[?@.type=='message'].content[?@.type=='output_text'].text"
FINISH = "steps_agree chat.choices[0].finish_reason"
READ, WROTE = "steps_agree chat.usage.prompt_tokens", "steps_agree chat.usage.completion_tokens"
CALL = "steps_agree chat.choices[0].message.tool_calls[0].function"


def cross(name: str, description: str, case: str, rule: str, override: Overrides) -> Mutant:
    full = f"cross-responses/cross.{case}"
    prefixed = {f"responses.{hook}": function for hook, function in override.items()}
    return Mutant(f"cross.responses.{name}", description, full, rule, prefixed)


def misreads(**changes: Callable[[ModelRequest], Json]) -> Overrides:
    """Changes what the model gets."""

    def read_request(original: Callable[[Body], ModelRequest], body: Body) -> ModelRequest:
        request = original(body)
        return replace(request, **{name: change(request) for name, change in changes.items()})

    return {"read_request": read_request}


def without(*kinds: type) -> Callable[[ModelRequest], tuple[Turn, ...]]:
    """Removes parts of these types from the conversation."""
    return lambda request: tuple(
        replace(turn, parts=tuple(p for p in turn.parts if not isinstance(p, kinds)))
        for turn in request.turns
    )


def usage(change: Callable[[Body], Json]) -> Overrides:
    return answers(lambda body, whole: change(whole["usage"]))


def each_call(change: Callable[[Body], Json]) -> Overrides:
    def change_calls(body: Body, whole: Body) -> None:
        for item in whole["output"]:
            if item["type"] == "function_call":
                change(item)

    return answers(change_calls)


def drop_non_ascii(body: Body, whole: Body) -> None:
    for item in whole["output"]:
        for part in item.get("content") or ():
            part["text"] = part["text"].encode("ascii", "replace").decode()


def ignore_tools(body: Body, whole: Body) -> None:
    if body.get("tools"):
        whole["usage"]["input_tokens"] = 12


def complete(body: Body, whole: Body) -> None:
    whole |= {"status": "completed", "incomplete_details": None}


def own_ids(original: Callable[[Body], None], body: Body) -> None:
    """Takes only ids of calls that it made itself."""
    original(body)
    items = body["input"] if isinstance(body["input"], list) else []
    for number, item in enumerate(items):
        if item.get("call_id", "callParis") != "callParis":
            raise bad_value(f"input[{number}].call_id", "no call with this id.")


def any_key(original: Callable[[Headers], str], headers: Headers) -> str:
    return GATEWAY_KEY


def other_type(original: Callable[[RequestError], Json], refusal: RequestError) -> Json:
    error = original(refusal)
    if refusal.status == 400:
        error["error"]["type"] = "bad_request"
    return error


CROSS_RESPONSES = (
    cross("injects", "adds a system prompt to Responses", "text", READ,
          usage(lambda used: used.update(input_tokens=used["input_tokens"] + 200))),
    cross("incomplete", "reports whole responses as incomplete", "text", FINISH,
          {"incomplete_reason": lambda original, reply: "max_output_tokens"}),
    cross("letters", "drops characters in Responses", "echo", TEXT, answers(drop_non_ascii)),
    cross("output", "counts output tokens of Responses twice", "usage.output", WROTE,
          usage(lambda used: used.update(output_tokens=2 * used["output_tokens"]))),
    cross("instructions", "ignores instructions", "system", TEXT,
          misreads(system=lambda request: "")),
    cross("history", "drops earlier items", "history", TEXT,
          misreads(turns=lambda request: request.turns[-1:])),
    cross("limit", "reports Responses that were cut as completed", "limit", FINISH,
          answers(complete)),
    cross("format", "ignores the format of Responses", "format", "any_of",
          misreads(json_schema=lambda request: None)),
    cross("image", "ignores images in Responses", "image", READ, misreads(turns=without(Image))),
    cross("tool-name", "adds a prefix to the names of functions", "tool.call", f"{CALL}.name",
          each_call(lambda call: call.update(name=f"x_{call['name']}"))),
    cross("tool-arguments", "drops arguments of calls in Responses", "tool.call",
          f"{CALL}.arguments", each_call(lambda call: call.update(arguments="{}"))),
    cross("tool-city", "calls functions with another argument in Responses", "tool.call",
          f"{CALL}.arguments", each_call(lambda call: call.update(arguments='{"city": "Rome"}'))),
    cross("tool-id", "gives calls in Responses no call_id", "tool.call",
          "body $.output[?@.type=='function_call'].call_id",
          each_call(lambda call: call.update(call_id=""))),
    cross("tool-result", "ignores outputs of functions", "tool.result", TEXT,
          misreads(turns=without(Result))),
    cross("tool-usage", "omits functions from the count", "tool.usage", READ,
          answers(ignore_tools)),
    cross("tool-moved", "takes only ids of calls of its own", "tool.moved", "status",
          {"check": own_ids}),
    cross("model", "takes every model for Responses", "error.model", "status",
          {"find_model": lambda original, name: {"id": name}}),
    cross("key", "takes any key for Responses", "error.key", "status", {"authorize": any_key}),
    cross("request", "uses an unknown type of error for Responses", "error.request",
          "steps_agree chat.error.type", {"error": other_type}),
)  # fmt: skip
