"""Mutants of the members of answers and models that came after the first version of Messages."""

from __future__ import annotations

from collections.abc import Callable

from harness.testbed.gateway.errors import RequestError
from harness.testbed.mutants.anthropic.model_list import cards
from harness.testbed.mutants.anthropic.operators import mutant
from harness.testbed.mutants.openai.operators import Body, sets
from harness.testbed.mutation.rows import mutants_in


def count_strictly(original: Callable[[Body], None], body: Body) -> None:
    """Rejects a newer field in requests for a count."""
    if "output_config" in body:
        raise RequestError(400, "output_config: Extra inputs are not permitted")
    original(body)


ANTHROPIC_NEWER_ANSWERS = (
    *mutants_in("anthropic/newer_answers"),
    mutant("models.limit-text", "sends the limits of models as texts", "models.limits", "when",
           cards(sets(max_tokens="64k"))),
    mutant("models.capability-text", "sends capabilities as texts", "models.capabilities", "when",
           cards(sets(capabilities={"thinking": {"supported": "yes"}}))),
    mutant("models.lifecycle-word", "sends a lifecycle of its own", "models.lifecycle", "when",
           cards(sets(lifecycle="elderly"))),
    mutant("count.newer-fields", "rejects newer fields in requests for a count",
           "count_tokens.newer-fields", "status",
           {"anthropic.check_count_tokens": count_strictly}),
)  # fmt: skip
