"""Mutation operators for the Responses endpoint. Each overrides one hook."""

from __future__ import annotations

from collections.abc import Callable

from harness.testbed.base import Mutant
from harness.testbed.gateway.endpoint import Body
from harness.testbed.gateway.gateway import Overrides

Test = Callable[[Body], bool]


def responses(case: str, name: str, description: str, rule: str, override: Overrides) -> Mutant:
    """Returns a mutant of the pack openai-responses with the id `responses.CASE-NAME`."""
    full = f"openai-responses/{case}"
    prefixed = {f"responses.{hook}": function for hook, function in override.items()}
    return Mutant(f"responses.{case}-{name}", description, full, rule, prefixed)
