"""Mutants of the Responses endpoint's memory, errors, keys and the members of its answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from harness.testbed.gateway.endpoint import Body, Headers, header_values
from harness.testbed.gateway.errors import RequestError
from harness.testbed.gateway.model_types import ModelReply
from harness.testbed.gateway.responses.stored import Stored
from harness.testbed.keys import GATEWAY_KEY
from harness.testbed.mutants.responses.operators import (
    answers,
    drops,
    forgives,
    reads,
    responses,
    sets,
    texts,
)

TEXT = "body $.output[?@.type=='message'].content[?@.type=='output_text'].text"
PART = "body $.output[?@.type=='message'].content[?@.type=='output_text']"
REFUSED = "rejected.refused"


def add_to_earlier(original: Callable[[Stored], None], response: Stored) -> None:
    """Adds a response to the conversation that it goes on from."""
    original(response)
    earlier = response.answer["previous_response_id"]
    endpoint = original.__self__  # type: ignore[attr-defined]
    if earlier and (before := endpoint._stored.find(earlier)):
        before.conversation.extend([*response.sent, *response.answer["output"]])


def keep_instructions(original: Callable[[Stored], None], response: Stored) -> None:
    text = response.answer["instructions"]
    head = [{"role": "system", "content": text}] if text else []
    original(replace(response, conversation=[*head, *response.conversation]))


def only_own_items(original: Callable[[Stored], None], response: Stored) -> None:
    """Remembers the items of one request, and not those before it."""
    original(replace(response, conversation=[*response.sent, *response.answer["output"]]))


def without_answers(original: Callable[[Stored], None], response: Stored) -> None:
    """Remembers what was sent, and of each answer only that there was one."""
    blank = [{"role": "assistant", "content": "-"} for _ in response.answer["output"]]
    size = len(response.conversation) - len(blank)
    original(replace(response, conversation=[*response.conversation[:size], *blank]))


def empty_items(original: Callable[[Stored], list[Body]], response: Stored) -> list[Body]:
    return [{**item, "content": []} for item in original(response)]


def keeps_deleted(original: Callable[[Stored], Body], response: Stored) -> Body:
    return {"id": response.answer["id"], "object": "response", "deleted": True}


def fails_on_unknown(original: Callable[[str], Stored], response_id: str) -> Stored:
    try:
        return original(response_id)
    except RequestError:
        raise RequestError(500, "KeyError", kind="server_error") from None


def any_key(original: Callable[[Headers], str], headers: Headers) -> str:
    return GATEWAY_KEY if header_values(headers, "authorization") else original(headers)


def open_store(original: Callable[..., Any], request: Any, ids: Any) -> Any:
    """Needs no key to read."""
    if request["method"] == "GET":
        request = {**request, "headers": [("authorization", f"Bearer {GATEWAY_KEY}")]}
    return original(request, ids)


def any_model(original: Callable[[str], Body], name: str) -> Body:
    return original("builtin-1")


def parse_any(original: Callable[..., Body], request: Any) -> Body:
    """Answers a body that is not JSON as a greeting."""
    try:
        return original(request)
    except RequestError:
        return {"model": "builtin-1", "input": "Hello!"}


def few_members(original: Callable[..., Any], refusal: RequestError) -> Any:
    return {"error": {"message": refusal.message}}


def without_header(original: Callable[..., Headers], *args: Any) -> Headers:
    return [pair for pair in original(*args) if pair[0] != "x-request-id"]


def usage(**changes: int) -> Callable[..., Body]:
    return lambda original, reply: original(replace(reply, **changes))


def without_details(original: Callable[[ModelReply], Body], reply: ModelReply) -> Body:
    return {k: v for k, v in original(reply).items() if not k.endswith("_details")}


def no_item_for_calls(original: Callable[..., list[Body]], reply: ModelReply, ids: Any) -> Any:
    return [] if reply.calls else original(reply, ids)


STATE = (
    responses("state.chain", "last", "remembers only the last request", TEXT,
        {"remember": only_own_items}),
    responses("state.branches", "joined", "adds a request to all that go on from its response",
        TEXT, {"remember": add_to_earlier}),
    responses("state.answers", "dropped", "forgets its own answers", "more_than",
        {"remember": without_answers}),
    responses("state.echoed", "other", "names another response than it goes on from",
        "steps_agree first.id",
        answers(lambda body, whole: body.get("previous_response_id")
                and sets(previous_response_id="resp_0")(whole))),
    responses("state.instructions", "kept", "carries instructions over", TEXT,
        {"remember": keep_instructions}),
    responses("state.conversation", "dropped", "drops the conversation", REFUSED,
        reads(drops("conversation"))),
    responses("state.prompt", "dropped", "drops the stored template", REFUSED,
        reads(drops("prompt"))),
    responses("state.remembered", "crash", "crashes on an earlier response", "stateful.status",
        {"recall": lambda original, response_id: original(f"{response_id}") and 1 // 0}),
    responses("stored.read", "other", "reads a response with another id",
        "steps_agree create.id",
        {"read_response": lambda original, kept: {**original(kept), "id": "resp_other"}}),
    responses("stored.input_items", "empty", "lists items without their content", "when",
        {"input_items": empty_items}),
    responses("stored.deleted", "kept", "does not delete responses", "any_of",
        {"delete_response": keeps_deleted}),
    responses("stored.unknown", "crash", "crashes on a response that does not exist", "status",
        {"find_response": fails_on_unknown}),
    responses("answer.created_at", "milliseconds", "has the time in milliseconds", "present",
        answers(lambda body, whole: sets(created_at=whole["created_at"] * 1000)(whole))),
    responses("answer.completed_at", "zero", "has no time of the end", "body $.completed_at",
        answers(lambda body, whole: sets(completed_at=0)(whole))),
    responses("answer.model", "missing", "does not name the model", "present",
        answers(lambda body, whole: drops("model")(whole))),
    responses("answer.error", "present", "has an error in a whole answer", "body $.error",
        answers(lambda body, whole: sets(error={"code": "ok", "message": "No."})(whole))),
    responses("answer.annotations", "missing", "has no list of annotations",
        f"{PART}.annotations",
        answers(lambda body, whole: [drops("annotations")(part) for item in whole["output"]
                                     for part in item.get("content", ())])),
    responses("answer.no-markup", "control", "ends texts with a control token", TEXT,
        texts(lambda text: f"{text}<|im_end|>")),
    responses("tools.auto", "lost", "answers without the call that the model made", "any_of",
        {"output": no_item_for_calls}),
    responses("usage.output", "constant", "counts five tokens for every output",
        "body $.usage.output_tokens", {"response_usage": usage(output_tokens=5)}),
    responses("usage.details", "missing", "has no details of the usage",
        "body $.usage.input_tokens_details.cached_tokens", {"response_usage": without_details}),
    responses("errors.input-missing", "default", "takes a greeting for the missing input",
        "required.refused", reads(lambda body: body.setdefault("input", "Hello!"))),
    responses("errors.input-empty", "greeting", "takes a greeting for an empty input", REFUSED,
        forgives(lambda body: body.get("input") == [], sets(input="Hello!"))),
    responses("errors.object", "few", "has errors with a message only", "when",
        {"error": few_members}),
    responses("errors.json", "answered", "answers a body that is not JSON", REFUSED,
        {"parse": parse_any}),
    responses("errors.model-unknown", "any", "takes any model name for its own", REFUSED,
        {"find_model": any_model}),
    responses("auth.wrong", "any", "takes any key", REFUSED, {"authorize": any_key}),
    responses("auth.stored", "open", "reads responses without a key", "any_of",
        {"respond": open_store}),
    responses("headers.request-id", "missing", "sends no x-request-id", "headers x-request-id",
        {"headers": without_header}),
    responses("stream.pieces", "whole", "sends long texts as one piece",
        "events $[?@.type=='response.output_text.delta'].delta",
        {"text_pieces": lambda original, text: [text]}),
)  # fmt: skip
