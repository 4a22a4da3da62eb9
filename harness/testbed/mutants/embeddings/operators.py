"""Mutation operators for the embeddings endpoint. Each overrides one hook."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from harness.testbed.base import Mutant
from harness.testbed.gateway.endpoint import Body
from harness.testbed.gateway.errors import RequestError, bad_value
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


def refuses(test: Test, param: str) -> Overrides:
    """Rejects valid requests that pass the test."""

    def check(original: Change, body: Body) -> None:
        original(body)
        if test(body):
            raise bad_value(param, "not supported here.", "unsupported_parameter")

    return {"check": check}


def crashes(test: Test) -> Overrides:
    """Answers requests that pass the test with status 500."""

    def check(original: Change, body: Body) -> None:
        if test(body):
            raise RequestError(500, "Internal server error.", kind="server_error")
        original(body)

    return {"check": check}


def answers(change: Callable[[Body, Body], Any]) -> Overrides:
    """Changes answers: `change(request body, answer)`."""

    def answer(original: Callable[[Body], Body], body: Body) -> Body:
        whole = original(body)
        change(body, whole)
        return whole

    return {"answer": answer}


def sets(**values: Json) -> Change:
    """Returns a change that sets keys."""
    return lambda data: data.update(values)


def drops(*keys: str) -> Change:
    """Returns a change that removes keys."""
    return lambda data: [data.pop(key, None) for key in keys]


def when(test: Test, change: Change) -> Change:
    """Returns a change that is made only to bodies that pass the test."""
    return lambda body: change(body) if test(body) else None


def has(name: str, *values: Json) -> Test:
    """Returns a test for a field, or for certain values of it."""
    return lambda body: name in body and (not values or body[name] in values)
