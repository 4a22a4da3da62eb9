"""Mutants of the Responses endpoint that lose something in silence, or hide that they do."""

from __future__ import annotations

from typing import Final

from harness.testbed.gateway.endpoint import Body
from harness.testbed.gateway.gateway import Overrides
from harness.testbed.gateway.model_types import Json
from harness.testbed.mutants.responses.operators import (
    answers,
    echoes,
    has,
    parts,
    reads,
    responses,
    when,
)

SYSTEM: Final = ("system", "developer")


def without_first_images(content: list[Body]) -> list[Body]:
    """Drops images before a text, which the model then answers with words like colours."""
    if content[0].get("type") != "input_image":
        return content
    return [{"type": "input_text", "text": "Repeat exactly: No blueish image was shared."}]


def items_of(body: Body) -> list[Json]:
    return body["input"] if isinstance(body.get("input"), list) else []


def without_empty_results(body: Body) -> None:
    """Drops results that have no text."""
    if items_of(body):
        body["input"] = [item for item in items_of(body) if item.get("output") != ""]


def system_instead_of_instructions(body: Body) -> None:
    """Drops the instructions where there is a system or developer message."""
    if any(isinstance(item, dict) and item.get("role") in SYSTEM for item in items_of(body)):
        body.pop("instructions", None)


def ascii_metadata(body: Body, whole: Body) -> None:
    whole["metadata"] = {
        key: value.encode("ascii", "replace").decode() for key, value in whole["metadata"].items()
    }


def above(part: str, total: str) -> Overrides:
    """Counts one token more in the details than there are."""

    def change(body: Body, whole: Body) -> None:
        kind = total.removesuffix("_tokens")
        whole["usage"][f"{kind}_tokens_details"][part] = whole["usage"][total] + 1

    return answers(change)


LOSSES = (
    responses("images.several", "shared", "drops images before a text", "any_of",
        reads(parts(without_first_images))),
    responses("tools.result.empty", "dropped", "drops the result of a function that is empty",
        "status", reads(without_empty_results)),
    responses("instructions.beside-developer", "dropped",
        "drops the instructions beside a system or developer message", "any_of",
        reads(when(has("instructions"), system_instead_of_instructions))),
    responses("instructions.echoed", "null", "repeats null for the instructions",
        "body $.instructions", echoes(instructions=None)),
    responses("metadata.echoed", "ascii", "replaces characters of the metadata", "echoed.value",
        answers(ascii_metadata)),
    responses("usage.parts", "cached", "counts more cached tokens than tokens",
        "at_most $.usage.input_tokens_details.cached_tokens",
        above("cached_tokens", "input_tokens")),
    responses("usage.parts", "reasoning", "counts more tokens for thinking than tokens",
        "at_most $.usage.output_tokens_details.reasoning_tokens",
        above("reasoning_tokens", "output_tokens")),
)  # fmt: skip
