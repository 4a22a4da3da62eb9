"""Variants that deliver streams at other times, or lists of models in other pages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from harness.testbed.base import Variant
from harness.testbed.gateway.gateway import Overrides

Body = dict[str, Any]
PER_PIECE = 0.1  # seconds that the model takes
MANY = 20  # pieces of a long answer; shorter streams are as fast as those of the right gateway


def paced(pauses: Callable[[int], list[float]]) -> Overrides:
    """Sets the pauses before the pieces of long streams."""

    def change(original: Callable[[int], list[float]], pieces: int) -> list[float]:
        return pauses(pieces) if pieces >= MANY else original(pieces)

    return {"both.pauses": change}


def in_three(pieces: int) -> list[float]:
    """Sends three parts of an answer, each of them when it is complete."""
    size = -(-pieces // 3)
    return [0.0 if at % size else PER_PIECE * size for at in range(pieces)]


def queued(original: Callable[[int], list[float]], pieces: int) -> list[float]:
    """Waits before each answer as long as before any other."""
    return [3.0] + [0.0] * (pieces - 1)


def one_model(original: Callable[[str], Body], query: str) -> Body:
    """Has a single model, and pages as the protocol describes them."""
    data = original("limit=1")["data"] if "_id=" not in query else []
    ids = data[0]["id"] if data else None
    return {"data": data, "has_more": False, "first_id": ids, "last_id": ids}


def whole_list(original: Callable[[str], Body], query: str) -> Body:
    """Lists all models in the format of OpenAI, whatever page is requested."""
    data = [{"id": card["id"], "object": "model", "created": 1_750_000_000, "owned_by": "builtin"}
            for card in original("")["data"]]  # fmt: skip
    return {"object": "list", "data": data}


DELIVERY = (
    Variant("delivery.three-parts", "sends a long stream in three parts", paced(in_three)),
    Variant("delivery.queued", "waits before each answer, and then sends it at once",
            {"both.pauses": queued}),
    Variant("models.one-only", "has a single model", {"anthropic.models": one_model}),
    Variant("models.unpaged", "has no pages, and lists models in the format of OpenAI",
            {"anthropic.models": whole_list}, affects=("anthropic-messages/models.*",)),
)  # fmt: skip
