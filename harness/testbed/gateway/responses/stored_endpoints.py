"""The endpoints about a stored response: reading, deleting and cancelling it, and its input.

Each method is a hook that a mutant can override.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

from harness.testbed.gateway.endpoint import Body
from harness.testbed.gateway.errors import RequestError, bad_value
from harness.testbed.gateway.responses import stored
from harness.testbed.gateway.responses.conversations import Conversations
from harness.testbed.gateway.responses.stored import Stored
from harness.testbed.gateway.responses.stream_writer import unfinished

Query = Mapping[str, str]
PAGE, MAX_PAGE = 20, 100  # items
ORDERS: Final = ("asc", "desc")


class StoredEndpoints(Conversations):
    """Answers requests about a stored response."""

    def readers(self) -> dict[tuple[str, str], Callable[[Stored, Query], Body]]:
        """Returns what answers requests about a stored response, by method and end of the path."""
        return {
            ("GET", ""): lambda kept, query: self.read_response(kept),
            ("DELETE", ""): lambda kept, query: self.delete_response(kept),
            ("POST", "cancel"): lambda kept, query: self.cancel_response(kept),
            ("GET", "input_items"): lambda kept, query: self.page(self.input_items(kept), query),
        }

    def find_response(self, response_id: str) -> Stored:
        kept = self._stored.find(response_id)
        if kept is None:
            raise stored.unknown_response(response_id)
        return kept

    def read_response(self, kept: Stored) -> Body:
        """Returns a response; one in the background comes closer to its end with each read."""
        if not kept.left:
            return kept.answer
        self.remember(replace(kept, left=kept.left - 1))
        return unfinished(kept.answer, "in_progress")

    def delete_response(self, kept: Stored) -> Body:
        self._stored.remove(kept.answer["id"])
        return {"id": kept.answer["id"], "object": "response", "deleted": True}

    def cancel_response(self, kept: Stored) -> Body:
        """Ends a response in the background; one that has ended stays as it is."""
        if not kept.answer.get("background"):
            message = "Only responses that were created in the background can be cancelled."
            raise RequestError(400, message, param="response_id")
        if not kept.left:
            return kept.answer
        cancelled = unfinished(kept.answer, "cancelled")
        self.remember(replace(kept, answer=cancelled, left=0))
        return cancelled

    def input_items(self, kept: Stored) -> list[Body]:
        """Returns the items of the request, the oldest first."""
        return stored.with_ids(kept.sent, kept.answer["id"])

    def page(self, items: list[Body], query: Query) -> Body:
        """Returns a part of a list of items, by default the newest first."""
        order, limit = query.get("order", "desc"), query.get("limit", str(PAGE))
        if order not in ORDERS:
            raise bad_value("order", "expected asc or desc.")
        if not limit.isdecimal() or not 1 <= int(limit) <= MAX_PAGE:
            raise bad_value("limit", f"expected an integer from 1 to {MAX_PAGE}.")
        rest = self.after(items if order == "asc" else items[::-1], query.get("after"))
        data = rest[: int(limit)]
        first, last = (data[0]["id"], data[-1]["id"]) if data else (None, None)
        ends = {"first_id": first, "last_id": last, "has_more": len(rest) > len(data)}
        return {"object": "list", "data": data, **ends}

    def after(self, items: list[Body], item_id: str | None) -> list[Body]:
        """Returns the items behind the one with this id; all without an id."""
        if item_id is None:
            return items
        ids = [item["id"] for item in items]
        if item_id not in ids:
            raise bad_value("after", f"there is no item with the id '{item_id}'.")
        return items[ids.index(item_id) + 1 :]
