"""Mutants of the Responses endpoint's settings, answers, tools and state."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from harness.testbed.gateway.endpoint import Body, Headers, header_values
from harness.testbed.gateway.model_types import Json, ModelRequest
from harness.testbed.keys import GATEWAY_KEY
from harness.testbed.mutants.responses.operators import answers, drops, reads, responses, sets

TEXT = "body $.output[?@.type=='message'].content[?@.type=='output_text'].text"
CALL = "body $.output[?@.type=='function_call']"
REFUSED = "rejected.refused"


def keep_last_item(body: Body) -> None:
    if isinstance(body.get("input"), list) and not has_results(body):
        body["input"] = body["input"][-1:]


def keep_three_items(body: Body) -> None:
    if isinstance(body.get("input"), list) and not has_results(body):
        body["input"] = body["input"][-3:]


def has_results(body: Body) -> bool:
    items = body["input"] if isinstance(body.get("input"), list) else []
    return any(isinstance(i, dict) and i.get("type") == "function_call_output" for i in items)


def bind_by_order(body: Body) -> None:
    """Binds results to calls by their order."""
    if has_results(body):
        results = [i for i in body["input"] if i.get("type") == "function_call_output"]
        calls = [i["call_id"] for i in body["input"] if i.get("type") == "function_call"]
        for result, call_id in zip(results, calls, strict=False):
            result["call_id"] = call_id


def request_without(**changes: Json) -> dict[str, Any]:
    """Changes what the model gets."""

    def read_request(original: Callable[[Body], ModelRequest], body: Body) -> ModelRequest:
        return replace(original(body), **changes)

    return {"read_request": read_request}


def unforced(request: ModelRequest) -> ModelRequest:
    return replace(request, choice="auto") if request.choice == "any" else request


def has_no_key(original: Callable[[Headers], str], headers: Headers) -> str:
    return original(headers) if header_values(headers, "authorization") else GATEWAY_KEY


def damage(original: Callable[..., Body], *args: Any) -> Body:
    """Replaces characters beyond ASCII in a text."""
    item = original(*args)
    part = item["content"][0]
    part["text"] = part["text"].encode("ascii", "replace").decode()
    return item


def text_as_input(body: Body) -> None:
    if "input" in body and not isinstance(body["input"], str | list):
        body["input"] = str(body["input"])


def forget_unknown(original: Callable[[str], list[Json]], response_id: str) -> list[Json]:
    return [] if response_id.endswith("0000") else original(response_id)


def store_all(original: Callable[..., Body], body: Body, *rest: Any) -> Body:
    """Stores what must not be stored, and says that it did not."""
    whole = original({**body, "store": True}, *rest)
    return {**whole, "store": body.get("store") is not False}


ANSWERS = (
    responses("input.text", "empty", "answers with an empty text", TEXT,
        {"message_item": lambda original, reply, ids: original(replace(reply, text=""), ids)}),
    responses("input.items", "last", "reads only the last item", TEXT, reads(keep_last_item)),
    responses("input.items", "three", "reads only the last three items", TEXT,
        reads(keep_three_items)),
    responses("input.unicode", "replaced", "replaces characters beyond ASCII", TEXT,
        {"message_item": damage}),
    responses("instructions", "lost", "drops the instructions", "any_of",
        reads(drops("instructions"))),
    responses("max_output_tokens", "ignored", "ignores max_output_tokens", "body $.status",
        request_without(limit=None)),
    responses("max_output_tokens", "completed", "says completed on a cut answer", "body $.status",
        {"response_status": lambda original, cause: "completed"}),
    responses("max_output_tokens", "no-reason", "does not say why an answer is incomplete",
        "body $.incomplete_details.reason",
        answers(lambda body, whole: sets(incomplete_details=None)(whole))),
    responses("settings.defaults", "missing", "leaves out the settings", "body $.tool_choice",
        answers(lambda body, whole: drops("tool_choice", "tools")(whole))),
    responses("format.json_schema", "ignored", "ignores the format", "any_of",
        reads(drops("text"))),
    responses("answer.id", "missing", "answers without an id", "present",
        answers(lambda body, whole: drops("id")(whole))),
    responses("answer.id.unique", "constant", "gives every response the same id", "unique $.id",
        answers(lambda body, whole: sets(id="resp_1")(whole))),
    responses("answer.object", "other", "calls its answer a completion", "always",
        answers(lambda body, whole: sets(object="chat.completion")(whole))),
    responses("usage.sum", "zero", "reports no input tokens", "body $.usage.input_tokens",
        {"response_usage": lambda original, reply: original(replace(reply, input_tokens=0))}),
    responses("usage.sum", "total", "reports a total of 1", "sum $.usage.total_tokens",
        {"response_usage": lambda original, reply: {**original(reply), "total_tokens": 1}}),
    responses("usage.grows", "constant", "reports the same count for every input", "more_than",
        {"response_usage": lambda original, reply: original(replace(reply, input_tokens=9))}),
    responses("errors.input", "text", "turns any input into a text", REFUSED, reads(text_as_input)),
    responses("errors.model-missing", "default", "takes a default model", "required.refused",
        reads(lambda body: body.setdefault("model", "builtin-1"))),
    responses("temperature.echoed", "zero", "takes a temperature of 0 for none", "echoed.value",
        reads(lambda body: body.pop("temperature", None)
              if body.get("temperature") == 0 else None)),
    responses("temperature.invalid", "ignored", "ignores a temperature that is not allowed",
        REFUSED,
        reads(lambda body: body.pop("temperature", None)
              if body.get("temperature") in ("hot", 3) else None)),
    responses("auth.missing", "open", "needs no key", REFUSED, {"authorize": has_no_key}),
    responses("tools.required", "auto", "reads required as auto",
        f"{CALL}.name",
        {"read_request": lambda original, body: unforced(original(body))}),
    responses("tools.required", "renamed", "answers calls without their call_id",
        f"{CALL}.call_id",
        {"call_item": lambda original, *args: {**original(*args), "call_id": ""}}),
    responses("tools.required", "object", "has the arguments as a list", f"{CALL}.arguments",
        {"call_item": lambda original, *args: {**original(*args), "arguments": "[]"}}),
    responses("tools.none", "called", "calls a function although the choice is none", CALL,
        reads(lambda body: body.update(tool_choice="required")
              if body.get("tool_choice") == "none" else None)),
    responses("tools.results", "swapped", "binds results to calls by their order", TEXT,
        reads(bind_by_order)),
    responses("state.remembered", "forgotten", "forgets the earlier response", "any_of",
        {"recall": lambda original, response_id: original(response_id)[:0]}),
    responses("state.unknown", "answered", "ignores an earlier response that does not exist",
        REFUSED, {"recall": forget_unknown}),
    responses("state.not-stored", "stored", "stores a response although store is false", "any_of",
        {"completion": store_all}),
)  # fmt: skip
