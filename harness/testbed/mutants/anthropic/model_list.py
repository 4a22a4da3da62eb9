"""Mutants of pages of the model list, of single models and of what count_tokens leaves out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

from harness.testbed.base import Mutant
from harness.testbed.gateway.gateway import Overrides
from harness.testbed.gateway.model_types import Image, Json, ModelRequest, Result
from harness.testbed.mutants.anthropic.endpoints import changes_list, counts_changed_request
from harness.testbed.mutants.anthropic.operators import mutant
from harness.testbed.mutants.openai.operators import Body

LIST, PAGE, CLOSE = "models.list", "models.list.page", "count_tokens.close"
AGREE = "steps_agree count.input_tokens"


def cards(change: Callable[[Body], Any]) -> Overrides:
    """Changes every model."""

    def model_card(original: Callable[[str], Body], name: str) -> Body:
        card = original(name)
        change(card)
        return card

    return {"anthropic.model_card": model_card}


def lacks(key: str) -> Mutant:
    return mutant(f"models.no-{key}", f"omits {key} of models", LIST, "any_of",
                  cards(lambda card: card.pop(key)))  # fmt: skip


def pages(**values: Json) -> Overrides:
    return changes_list(lambda data: {**data, **values})


def without_cursor(original: Callable[[str], Body], query: str) -> Body:
    """Ignores after_id and before_id."""
    return without_parameter("before_id", partial(without_parameter, "after_id", original), query)


def without_parameter(name: str, original: Callable[[str], Body], query: str) -> Body:
    return original("&".join(part for part in query.split("&") if not part.startswith(name)))


def moved(cursor: str, by: int) -> Callable[..., int]:
    """Finds the place of a cursor too far on, or too early."""

    def position(original: Callable[..., int], cards: list[Body], param: str, model_id: str) -> int:
        return original(cards, param, model_id) + (by if param == cursor else 0)

    return position


def other_model(original: Callable[[str], Body], name: str) -> Body:
    return original("builtin-2" if original(name) else name)


def without(*kinds: type) -> Callable[[ModelRequest], ModelRequest]:
    """Removes parts of these types from the conversation."""
    return lambda request: replace(request, turns=tuple(
        replace(turn, parts=tuple(p for p in turn.parts if not isinstance(p, kinds)))
        for turn in request.turns))  # fmt: skip


def counts(change: Callable[[int], int]) -> Overrides:
    return {"anthropic.count_input_tokens": lambda original, request: change(original(request))}


LISTED = (
    lacks("type"),
    lacks("display_name"),
    lacks("created_at"),
    mutant("models.created-number", "sends created_at as a number", LIST, "any_of",
           cards(lambda card: card.update(created_at=1_750_000_000))),
    mutant("models.more-missing", "omits has_more", PAGE, "any_of",
           changes_list(lambda data: {k: v for k, v in data.items() if k != "has_more"})),
    mutant("models.more-text", "sends has_more as text", PAGE, "any_of", pages(has_more="false")),
    mutant("models.ids-swapped", "swaps first_id and last_id", PAGE, "same $.first_id",
           changes_list(lambda data: {
               **data, "first_id": data["last_id"], "last_id": data["first_id"]})),
    mutant("models.no-cursor", "ignores after_id", "models.list.next", "any_of",
           {"anthropic.models": without_cursor}),
    mutant("models.page-last", "reports no more models after the first page", "models.page.more",
           "any_of", pages(has_more=False)),
    mutant("models.cursor-skips", "leaves out a model between two pages", "models.page.after",
           "any_of", {"anthropic.position": moved("after_id", 1)}),
    mutant("models.cursor-repeats", "repeats a model on the next page", "models.page.after",
           "any_of", {"anthropic.position": moved("after_id", -1)}),
    mutant("models.no-before", "ignores before_id", "models.page.before", "any_of",
           {"anthropic.models": partial(without_parameter, "before_id")}),
    mutant("models.other", "returns another model than the requested one", "models.retrieve.same",
           "steps_agree list.data[0].id", {"anthropic.find_model": other_model}),
    mutant("models.single-created", "sends created_at of a single model as a number",
           "models.retrieve", "any_of", cards(lambda card: card.update(created_at=1))),
)  # fmt: skip

COUNTED = (
    mutant("count.double", "counts every token twice", f"{CLOSE}.messages", AGREE,
           counts(lambda count: 2 * count)),
    mutant("count.half", "counts every second token", f"{CLOSE}.messages", AGREE,
           counts(lambda count: count // 2)),
    mutant("count.no-system", "omits the system prompt from the count", f"{CLOSE}.system", AGREE,
           counts_changed_request(lambda request: replace(request, system=""))),
    mutant("count.no-tools", "omits tools from the count", f"{CLOSE}.tools", AGREE,
           counts_changed_request(lambda request: replace(request, tools=()))),
    mutant("count.no-results", "omits tool results from the count", f"{CLOSE}.results", AGREE,
           counts_changed_request(without(Result))),
    mutant("count.no-images", "omits images from the count", "count_tokens.images", "any_of",
           counts_changed_request(without(Image))),
    mutant("count.last", "counts only the last message", "count_tokens.earlier", "more_than",
           counts_changed_request(lambda request: replace(request, turns=request.turns[-1:]))),
)  # fmt: skip

ANTHROPIC_MODEL_LIST = (*LISTED, *COUNTED)
