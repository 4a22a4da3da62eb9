"""Mutation operators for the Anthropic endpoint. Each overrides one hook.

Operators that both endpoints share are applied to this endpoint.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from harness.testbed.base import Mutant
from harness.testbed.gateway.gateway import Overrides
from harness.testbed.gateway.model_types import ModelRequest
from harness.testbed.mutants.openai import operators
from harness.testbed.mutants.openai.operators import Body, Change, Test

Blocks = list[Body]


def mutant(name: str, description: str, case: str, rule: str, override: Overrides) -> Mutant:
    """Creates a mutant of the Anthropic endpoint for a case of anthropic-messages."""
    return Mutant(f"anthropic.{name}", description, f"anthropic-messages/{case}", rule, override)


def anthropic(overrides: Overrides) -> Overrides:
    """Applies overrides to the Anthropic endpoint."""
    return {f"anthropic.{hook}": override for hook, override in overrides.items()}


# --- requests ----------------------------------------------------------------------------------


def refuses(test: Test, param: str) -> Overrides:
    """Rejects valid requests that pass the test."""
    return anthropic(operators.refuses(test, param))


def loses(lose: Change) -> Overrides:
    """Drops something before the model; `lose` changes a copy of the body."""
    return anthropic(operators.loses(lose))


def misreads(**changes: Callable[[ModelRequest], Any]) -> Overrides:
    """Changes fields of the model request."""
    return anthropic(operators.misreads(**changes))


# --- answers -----------------------------------------------------------------------------------


def answers(change: Callable[[Body, Body], Any]) -> Overrides:
    """Changes answers and their streams: `change(request body, answer)`."""

    def message(original: Callable[..., Body], body: Body, *rest: Any) -> Body:
        whole = original(body, *rest)
        change(body, whole)
        return whole

    return {"anthropic.message": message}


def answer(change: Change) -> Overrides:
    return answers(lambda _, whole: change(whole))


def content(change: Callable[[Blocks], Any]) -> Overrides:
    """Changes the content blocks; a returned list replaces them."""

    def content_blocks(original: Callable[..., Blocks], *args: Any) -> Blocks:
        blocks = original(*args)
        other = change(blocks)
        return blocks if other is None else list(other)

    return {"anthropic.content": content_blocks}


def block(kind: str, change: Change) -> Overrides:
    """Changes every block of one type."""

    def change_each(blocks: Blocks) -> None:
        for each in blocks:
            if each["type"] == kind:
                change(each)

    return content(change_each)


def usage(change: Change) -> Overrides:
    return answer(lambda whole: change(whole["usage"]))
