"""Mutants of token counts, of limits, and of what ended a Messages answer."""

from __future__ import annotations

from collections.abc import Callable

from harness.testbed.gateway.gateway import Overrides
from harness.testbed.mutants.anthropic.operators import (
    mutant,
    usage,
)
from harness.testbed.mutants.openai.operators import Body

OUTPUT, REASON = "body $.usage.output_tokens", "body $.stop_reason"


def limits(change: Callable[[int], int]) -> Overrides:
    """Changes the token limit before the model."""

    def limit(original: Callable[[Body], int | None], body: Body) -> int | None:
        given = original(body)
        return None if given is None else change(given)

    return {"anthropic.limit": limit}


ENDED = (
    mutant("max_tokens.halved", "forwards half the limit", "max_tokens.shortened", OUTPUT,
           limits(lambda limit: max(1, limit // 2))),
)  # fmt: skip

COUNTED = (
    mutant("usage.summed", "counts the answer as input", "response.usage.input_tokens.alone",
           "same_as", usage(lambda own: own.update(
               input_tokens=own["input_tokens"] + own["output_tokens"]))),
)  # fmt: skip

ANTHROPIC_USAGE = (*ENDED, *COUNTED)
