"""Mutants of the members of answers and models that came after the first version of Messages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from harness.testbed.gateway.errors import RequestError
from harness.testbed.gateway.model_types import Json
from harness.testbed.mutants.anthropic.model_list import cards
from harness.testbed.mutants.anthropic.operators import mutant, usage
from harness.testbed.mutants.openai.operators import Body, sets


def count_strictly(original: Callable[[Body], None], body: Body) -> None:
    """Rejects a newer field in requests for a count."""
    if "output_config" in body:
        raise RequestError(400, "output_config: Extra inputs are not permitted")
    original(body)


def usage_is(name: str, value: Json) -> Any:
    case = f"response.usage.{name}"
    return mutant(f"usage.{name}.wrong", f"sends {value!r} as {name}", case,
                  f"body $.usage.{name}", usage(sets(**{name: value})))  # fmt: skip


ANTHROPIC_NEWER_ANSWERS = (
    usage_is("service_tier", "gold"),
    usage_is("inference_geo", 7),
    usage_is("speed", "warp"),
    mutant("usage.created.sum", "counts tokens written to the cache twice by lifetime",
           "response.usage.cache_creation", "any_of",
           usage(lambda used: used["cache_creation"].update(ephemeral_5m_input_tokens=5))),
    mutant("usage.thinking.zero", "does not count thinking", "response.usage.thinking_tokens",
           "any_of",
           usage(lambda used: used["output_tokens_details"].update(thinking_tokens=0))),
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
