"""The conversation of a Responses request: the earlier items, and those of the request.

Each method is a hook that a mutant can override.
"""

from __future__ import annotations

from harness.testbed.gateway.endpoint import Body
from harness.testbed.gateway.model_types import Json
from harness.testbed.gateway.responses import compaction, stored
from harness.testbed.gateway.responses.stored import Stored, StoredResponses, items_of

TOKENS_PER_READ = 100  # how much of an answer is made in the background from one read to the next


class Conversations:
    """Finds the conversation of a request among the stored responses.

    Attributes:
        _stored: The responses that were stored.
    """

    _stored: StoredResponses

    def conversation(self, body: Body) -> list[Json]:
        """Returns the items of the earlier response, and those of the request."""
        earlier = body.get("previous_response_id")
        own = self.expand(self.resolve(items_of(body)))
        return [*(self.recall(earlier) if earlier else ()), *own]

    def expand(self, items: list[Json]) -> list[Json]:
        """Replaces compaction items by the items that they stand for."""
        return compaction.expand(items)

    def resolve(self, items: list[Json]) -> list[Json]:
        """Replaces references by the items that they refer to."""
        return [self.resolve_item(number, item) for number, item in enumerate(items)]

    def resolve_item(self, number: int, item: Json) -> Json:
        if not isinstance(item, dict) or item.get("type") != "item_reference":
            return item
        kept = self._stored.item(item["id"])
        if kept is None:
            raise stored.unknown_item(number, item["id"])
        return kept

    def recall(self, response_id: str) -> list[Json]:
        kept = self._stored.find(response_id)
        if kept is None:
            raise stored.unknown_previous(response_id)
        return kept.conversation

    def keep(self, body: Body, answer: Body) -> None:
        """Stores an answer with the conversation that led to it, unless it is not to be stored."""
        if answer.get("store") is not False:
            whole = [*self.conversation(body), *answer["output"]]
            in_background = answer.get("background") and not body.get("stream")
            left = answer["usage"]["output_tokens"] // TOKENS_PER_READ if in_background else 0
            self.remember(Stored(answer, items_of(body), whole, left))

    def remember(self, response: Stored) -> None:
        self._stored.add(response)
