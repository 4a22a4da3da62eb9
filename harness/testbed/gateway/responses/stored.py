"""Stored responses of the reference gateway: their answers, and the items that led to them.

Each method is a hook that a mutant can override.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from threading import Lock

from harness.testbed.gateway.endpoint import Body
from harness.testbed.gateway.errors import RequestError, bad_value
from harness.testbed.gateway.model_types import Json

MAX_STORED = 1000  # responses; the oldest is forgotten


@dataclass(frozen=True, slots=True)
class Stored:
    """A response with the items of its own request, and those of the whole conversation.

    Attributes:
        answer: The finished response.
        left: How often a response in the background is read before it is finished.
    """

    answer: Body
    sent: list[Json]
    conversation: list[Json]
    left: int = 0


@dataclass(slots=True)
class StoredResponses:
    """The responses of one gateway, by id."""

    lock: Lock = field(default_factory=Lock)
    by_id: dict[str, Stored] = field(default_factory=dict)

    def find(self, response_id: str) -> Stored | None:
        with self.lock:
            return self.by_id.get(response_id)

    def add(self, stored: Stored) -> None:
        with self.lock:
            self.by_id[stored.answer["id"]] = stored
            if len(self.by_id) > MAX_STORED:
                del self.by_id[next(iter(self.by_id))]

    def remove(self, response_id: str) -> None:
        with self.lock:
            self.by_id.pop(response_id, None)

    def item(self, item_id: str) -> Json:
        """Returns an item of any stored response; None if there is none."""
        with self.lock:
            items = (item for each in self.by_id.values() for item in each.answer["output"])
            return next((item for item in items if item.get("id") == item_id), None)


def items_of(body: Body) -> list[Json]:
    """Returns the input as a list of items."""
    data = body["input"]
    return [{"role": "user", "content": data}] if isinstance(data, str) else list(data)


def with_ids(items: list[Json], response_id: str) -> list[Body]:
    """Returns items as a list of them has them, each with a type and an id."""
    digest = response_id.partition("_")[2]
    return [
        {"id": f"item_{digest}_{number}", "type": "message", **as_parts(item)}
        for number, item in enumerate(items)
    ]


def as_parts(item: Body) -> Body:
    """Returns an item with a text as a part of its content."""
    if not isinstance(item.get("content"), str):
        return item
    return {**item, "content": [{"type": "input_text", "text": item["content"]}]}


def unknown_response(response_id: str) -> RequestError:
    message = f"Response with id '{response_id}' not found."
    return RequestError(404, message, param="response_id", code="response_not_found")


def unknown_previous(response_id: str) -> RequestError:
    message = f"Previous response with id '{response_id}' not found."
    code = "previous_response_not_found"
    return RequestError(404, message, param="previous_response_id", code=code)


def unknown_item(number: int, item_id: str) -> RequestError:
    return bad_value(f"input[{number}].id", f"Item with id '{item_id}' not found.")
