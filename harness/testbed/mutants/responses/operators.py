"""Mutation operators for the Responses endpoint. Each overrides one hook."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from harness.testbed.base import Mutant
from harness.testbed.gateway.endpoint import Body
from harness.testbed.gateway.gateway import Overrides
from harness.testbed.gateway.model_types import Json

Change = Callable[[Body], Any]
Test = Callable[[Body], bool]


def responses(case: str, name: str, description: str, rule: str, override: Overrides) -> Mutant:
    """Returns a mutant of the pack openai-responses with the id `responses.CASE-NAME`."""
    full = f"openai-responses/{case}"
    prefixed = {f"responses.{hook}": function for hook, function in override.items()}
    return Mutant(f"responses.{case}-{name}", description, full, rule, prefixed)


def reads(change: Change) -> Overrides:
    """Changes a body before it is checked."""

    def parse(original: Callable[..., Body], request: Any) -> Body:
        body = original(request)
        change(body)
        return body

    return {"parse": parse}


def drops(*keys: str) -> Change:
    return lambda data: [data.pop(key, None) for key in keys]


def sets(**values: Json) -> Change:
    return lambda data: data.update(values)


def when(test: Test, change: Change) -> Change:
    """Returns a change that is made only to bodies that pass the test."""
    return lambda data: change(data) if test(data) else None


def forgives(test: Test, change: Change) -> Overrides:
    """Changes a body that the gateway would refuse, instead of refusing it."""
    return reads(when(test, change))
