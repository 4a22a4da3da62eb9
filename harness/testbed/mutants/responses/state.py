"""Mutants of the Responses endpoint's memory of earlier responses."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from harness.testbed.gateway.endpoint import Body
from harness.testbed.gateway.model_types import Json
from harness.testbed.gateway.responses.stored import Stored
from harness.testbed.mutants.responses.operators import responses

TEXT = "body $.output[?@.type=='message'].content[?@.type=='output_text'].text"
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


def keeps_deleted(original: Callable[[Stored], Body], response: Stored) -> Body:
    return {"id": response.answer["id"], "object": "response", "deleted": True}


def forget_unknown(original: Callable[[str], list[Json]], response_id: str) -> list[Json]:
    return [] if response_id.endswith("0000") else original(response_id)


def store_all(original: Callable[..., Body], body: Body, *rest: Any) -> Body:
    """Stores what must not be stored, and states that it did not."""
    whole = original({**body, "store": True}, *rest)
    return {**whole, "store": body.get("store") is not False}


STATE = (
    responses("state.unknown", "answered", "ignores an earlier response that does not exist",
        REFUSED, {"recall": forget_unknown}),
    responses("state.not-stored", "stored", "stores a response although store is false", "any_of",
        {"completion": store_all}),
    responses("state.chain", "last", "remembers only the last request", "any_of",
        {"remember": only_own_items}),
    responses("state.branches", "joined", "adds a request to all that go on from its response",
        TEXT, {"remember": add_to_earlier}),
    responses("state.answers", "dropped", "forgets its own answers", "more_than",
        {"remember": without_answers}),
    responses("state.instructions", "kept", "carries instructions over", TEXT,
        {"remember": keep_instructions}),
    responses("stored.deleted", "kept", "does not delete responses", "any_of",
        {"delete_response": keeps_deleted}),
    responses("stream.pieces", "whole", "sends long texts as one piece",
        "events $[?@.type=='response.output_text.delta'].delta",
        {"text_pieces": lambda original, text: [text]}),
)  # fmt: skip
