"""Operators that change headers and errors of the Anthropic endpoint."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from harness.testbed.gateway.errors import RequestError
from harness.testbed.gateway.gateway import Overrides
from harness.testbed.gateway.model_types import Json
from harness.testbed.mutants.anthropic.operators import anthropic
from harness.testbed.mutants.openai import error_operators, operators
from harness.testbed.mutants.openai.operators import Body

Reply = dict[str, Any]


def headers(change: Callable[[dict[str, str]], Any]) -> Overrides:
    """Changes the headers of all responses."""
    return anthropic(operators.headers(change))


def replies(change: Callable[[Reply], Reply], test: Callable[[Reply], bool]) -> Overrides:
    """Changes complete HTTP replies."""

    def finish(original: Callable[[Reply], Reply], reply: Reply) -> Reply:
        response = original(reply)
        return change(response) if test(response) else response

    return {"anthropic.finish": finish}


def on_errors(change: Callable[[dict[str, str]], Any]) -> Overrides:
    """Changes the headers of error responses."""

    def change_headers(reply: Reply) -> Reply:
        pairs = dict(reply["headers"])
        change(pairs)
        return {**reply, "headers": list(pairs.items())}

    return replies(change_headers, lambda reply: reply["status"] >= 400)


def error(change: Callable[[Body, RequestError], Json]) -> Overrides:
    """Changes the error object: `change(error, refusal)`."""
    return {
        "anthropic.error": lambda original, refusal, ids: change(original(refusal, ids), refusal)
    }


def replaces_status(
    status: int, where: Callable[[RequestError], bool] = lambda _: True
) -> Overrides:
    """Replaces the status of errors."""
    return anthropic(error_operators.replaces_status(status, where))


def html(where: Callable[[RequestError], bool] = lambda _: True) -> Overrides:
    return anthropic(error_operators.html(where))
