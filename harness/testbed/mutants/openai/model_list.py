"""Mutants of the model list."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from harness.testbed.base import Mutant
from harness.testbed.gateway.errors import Refusal
from harness.testbed.mutants.openai.operators import Body


def no_list(right: Callable[..., Any], request: Body, *rest: Any) -> Any:
    if request["path"] == "/v1/models":
        raise Refusal(404, "Unknown request URL.")
    return right(request, *rest)


def no_single(right: Callable[..., Any], request: Body, *rest: Any) -> Any:
    if request["path"].startswith("/v1/models/"):
        raise Refusal(404, "Unknown request URL.")
    return right(request, *rest)


def any_model(right: Callable[..., Any], request: Body, *rest: Any) -> Any:
    if request["path"].startswith("/v1/models/"):
        return right({**request, "path": "/v1/models/builtin-1"}, *rest)
    return right(request, *rest)


def twice(right: Callable[[], Body]) -> Body:
    listed = right()
    return {**listed, "data": listed["data"] * 2}


def unusable(right: Callable[..., Any], request: Body, *rest: Any) -> Any:
    """The list names its models as the chat does not know them."""
    reply = right(request, *rest)
    if request["path"] == "/v1/models":
        reply["chunks"] = [reply["chunks"][0].replace(b'"builtin-', b'"vendor/builtin-')]
    return reply


def bare(right: Callable[[str], Body], name: str) -> Body:
    return {"id": name}


ENDPOINTS = (
    Mutant("models.missing", "has no model list", "models.list", "status", {"page": no_list}),
    Mutant("models.bare", "lists ids and nothing else", "models.list", "schema openai/models",
           {"model_card": bare}),
    Mutant("models.twice", "lists every model twice", "models.list.unique",
           "unique $.data[*].id", {"models": twice}),
    Mutant("models.single", "cannot look a model up", "models.retrieve", "status",
           {"page": no_single}),
    Mutant("models.single-bare", "looks up an id and nothing else", "models.retrieve",
           "schema openai/model", {"model_card": bare}),
    Mutant("models.any", "finds every model", "models.retrieve.unknown", "status",
           {"page": any_model}),
    Mutant("models.unusable", "lists models that it does not know", "models.usable", "status",
           {"page": unusable}),
)  # fmt: skip
