"""Mutants of the model list."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from harness.testbed.base import Mutant
from harness.testbed.mutants.openai.operators import Body
from harness.testbed.mutation.rows import mutants_in


def return_first_model(original: Callable[..., Any], request: Body, *rest: Any) -> Any:
    if request["path"].startswith("/v1/models/"):
        return original({**request, "path": "/v1/models/builtin-1"}, *rest)
    return original(request, *rest)


def list_twice(original: Callable[[], Body]) -> Body:
    models = original()
    return {**models, "data": models["data"] * 2}


def prefix_ids(original: Callable[..., Any], request: Body, *rest: Any) -> Any:
    """Lists model ids that chat rejects."""
    reply = original(request, *rest)
    if request["path"] == "/v1/models":
        reply["chunks"] = [reply["chunks"][0].replace(b'"builtin-', b'"vendor/builtin-')]
    return reply


def minimal_card(original: Callable[[str], Body], name: str) -> Body:
    return {"id": name}


def ends_at(original: Callable[[str], Body], name: str) -> Body:
    return {**original(name), "shutdown_date": 1_800_000_000}


ENDPOINTS = (
    *mutants_in("openai/model_list"),
    Mutant("models.shutdown-number", "sends the day on which a model ends as a number",
           "models.shutdown_date", "when", {"model_card": ends_at}),
    Mutant("models.bare", "lists only model ids", "models.list", "schema openai/models",
           {"model_card": minimal_card}),
    Mutant("models.twice", "lists every model twice", "models.list.unique",
           "unique $.data[*].id", {"models": list_twice}),
    Mutant("models.single-bare", "returns only the id in the model lookup", "models.retrieve",
           "schema openai/model", {"model_card": minimal_card}),
    Mutant("models.any", "returns a model for any id", "models.retrieve.unknown", "status",
           {"handle": return_first_model}),
    Mutant("models.unusable", "lists models that it rejects", "models.usable", "status",
           {"handle": prefix_ids}),
)  # fmt: skip
