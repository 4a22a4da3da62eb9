"""Mutants of the answers, errors and keys of the embeddings endpoint."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import count
from typing import Any

from harness.testbed.gateway.embeddings.endpoint import Tokens, Vector
from harness.testbed.gateway.endpoint import Body
from harness.testbed.mutants.embeddings.operators import embeddings


def constant(original: Callable[[Tokens, int], Vector], tokens: Tokens, size: int) -> Vector:
    return original(["a"], size)


def answer_get(original: Callable[..., Any], request: Mapping[str, Any], *rest: Any) -> Any:
    if request["method"] == "GET":
        endpoint = original.__self__  # type: ignore[attr-defined]
        return endpoint.json_reply(200, {"status": "ok"}, [])
    return original(request, *rest)


def usage_of_first(original: Callable[[Body], Body], body: Body) -> Body:
    """Counts the tokens of the first input only."""
    whole, value = original(body), body["input"]
    first = value if isinstance(value, str) or isinstance(value[0], int) else value[0]
    return {**whole, "usage": original({**body, "input": first})["usage"]}


def turning() -> Callable[..., list[Vector]]:
    """Gives each request other embeddings than the one before."""
    turn = count(1)

    def vectors(original: Callable[..., list[Vector]], inputs: list[Tokens], size: int) -> Any:
        by = next(turn) % size
        return [vector[by:] + vector[:by] for vector in original(inputs, size)]

    return vectors


ANSWERS = (
    embeddings("input.again", "other", "gives the same text another embedding each time",
        "steps_agree", {"vectors": turning()}),
    embeddings("input.differ", "constant", "answers every text with the same embedding",
        "unique $.data[*].embedding", {"vector": constant}),
    embeddings("usage.batch", "first", "counts the tokens of the first input only", "more_than",
        {"answer": usage_of_first}),
    embeddings("errors.method", "get", "answers a GET", "status", {"handle": answer_get}),
)  # fmt: skip
