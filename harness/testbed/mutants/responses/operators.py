"""Mutation operators for the Responses endpoint. Each overrides one hook."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from harness.testbed.base import Mutant
from harness.testbed.gateway.endpoint import Body
from harness.testbed.gateway.gateway import Overrides
from harness.testbed.gateway.model_types import Json

Change = Callable[[Body], Any]


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


def answers(change: Callable[[Body, Body], Any]) -> Overrides:
    """Changes answers and their streams: `change(request body, answer)`."""

    def completion(original: Callable[..., Body], body: Body, *rest: Any) -> Body:
        whole = original(body, *rest)
        change(body, whole)
        return whole

    return {"completion": completion}


def events(change: Callable[[list[Body]], list[Body]]) -> Overrides:
    """Changes the events of streams."""
    return {"events": lambda original, body, answer: change(original(body, answer))}


def each(kind: str, change: Change) -> Overrides:
    """Changes a copy of each event of a kind."""

    def changed(event: Body) -> Body:
        copy = dict(event)
        change(copy)
        return copy

    return events(
        lambda sent: [changed(event) if event["type"] == kind else event for event in sent]
    )


def without(kind: str) -> Overrides:
    """Leaves out the events of a kind, and numbers the others."""
    return {
        "numbered": lambda original, sent: original([e for e in sent if e["type"] != kind]),
    }


def drops(*keys: str) -> Change:
    return lambda data: [data.pop(key, None) for key in keys]


def sets(**values: Json) -> Change:
    return lambda data: data.update(values)
