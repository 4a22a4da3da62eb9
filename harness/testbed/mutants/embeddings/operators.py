"""Mutation operators for the embeddings endpoint. Each overrides one hook."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from harness.testbed.base import Mutant
from harness.testbed.gateway.endpoint import Body
from harness.testbed.gateway.gateway import Overrides
from harness.testbed.gateway.model_types import Json

Test = Callable[[Body], bool]
Change = Callable[[Body], Any]


def embeddings(case: str, name: str, description: str, rule: str, override: Overrides) -> Mutant:
    """Returns a mutant of the pack openai-embeddings with the id `embeddings.CASE-NAME`."""
    full = f"openai-embeddings/{case}"
    prefixed = {f"embeddings.{hook}": function for hook, function in override.items()}
    return Mutant(f"embeddings.{case}-{name}", description, full, rule, prefixed)


def repairs(change: Change) -> Overrides:
    """Changes a body before it is checked, instead of refusing it."""

    def parse(original: Callable[..., Body], request: Any) -> Body:
        body = original(request)
        change(body)
        return body

    return {"parse": parse}


def sets(**values: Json) -> Change:
    """Returns a change that sets keys."""
    return lambda data: data.update(values)


def when(test: Test, change: Change) -> Change:
    """Returns a change that is made only to bodies that pass the test."""
    return lambda body: change(body) if test(body) else None


def has(name: str, *values: Json) -> Test:
    """Returns a test for a field, or for certain values of it."""
    return lambda body: name in body and (not values or body[name] in values)
