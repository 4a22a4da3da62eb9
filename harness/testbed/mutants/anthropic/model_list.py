"""Mutants of pages of the model list, of single models and of what count_tokens leaves out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from harness.testbed.gateway.gateway import Overrides
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


def moved(cursor: str, by: int) -> Callable[..., int]:
    """Finds the place of a cursor too far on, or too early."""

    def position(original: Callable[..., int], cards: list[Body], param: str, model_id: str) -> int:
        return original(cards, param, model_id) + (by if param == cursor else 0)

    return position


def counts(change: Callable[[int], int]) -> Overrides:
    return {"anthropic.count_input_tokens": lambda original, request: change(original(request))}


LISTED = (
    mutant("models.cursor-skips", "leaves out a model between two pages", "models.page.after",
           "any_of", {"anthropic.position": moved("after_id", 1)}),
    mutant("models.cursor-repeats", "repeats a model on the next page", "models.page.after",
           "any_of", {"anthropic.position": moved("after_id", -1)}),
)  # fmt: skip

COUNTED = (
    mutant("count.half", "counts every second token", f"{CLOSE}.messages", AGREE,
           counts(lambda count: count // 2)),
)  # fmt: skip

ANTHROPIC_MODEL_LIST = (*LISTED, *COUNTED)
