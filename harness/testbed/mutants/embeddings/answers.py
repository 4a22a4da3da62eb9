"""Mutants of the answers, errors and keys of the embeddings endpoint."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import count
from typing import Any

from harness.testbed.gateway.embeddings.endpoint import Tokens, Vector
from harness.testbed.gateway.endpoint import Body, Headers, header_values
from harness.testbed.gateway.errors import RequestError
from harness.testbed.gateway.model_types import Json
from harness.testbed.keys import GATEWAY_KEY
from harness.testbed.mutants.embeddings.operators import answers, drops, embeddings, sets

LONG = 20  # tokens


def constant(original: Callable[[Tokens, int], Vector], tokens: Tokens, size: int) -> Vector:
    return original(["a"], size)


def shorten_long(original: Callable[[Tokens, int], Vector], tokens: Tokens, size: int) -> Vector:
    """Leaves out a number of the embeddings of long texts."""
    return original(tokens, size)[: size - (len(tokens) > LONG)]


def ascii_only(original: Callable[[Json], Tokens], item: Json) -> Tokens:
    """Replaces all other characters."""
    text = item.encode("ascii", "replace").decode() if isinstance(item, str) else item
    return original("?" if isinstance(text, str) and "?" in text else text)


def items(change: Callable[[Body], Any]) -> Callable[[Body, Body], Any]:
    return lambda body, whole: [change(item) for item in whole["data"]]


def admit_all(when: Callable[[list[str]], bool]) -> Callable[..., str]:
    """Takes requests whose keys pass the test for those of a customer."""

    def authorize(original: Callable[[Headers], str], headers: Headers) -> str:
        return GATEWAY_KEY if when(header_values(headers, "authorization")) else original(headers)

    return authorize


def answer_get(original: Callable[..., Any], request: Mapping[str, Any], *rest: Any) -> Any:
    if request["method"] == "GET":
        endpoint = original.__self__  # type: ignore[attr-defined]
        return endpoint.json_reply(200, {"status": "ok"}, [])
    return original(request, *rest)


def crash_on_bad_json(original: Callable[..., Body], request: Mapping[str, Any]) -> Body:
    try:
        return original(request)
    except RequestError as refusal:
        raise RequestError(500, refusal.message, kind="server_error") from None


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
    embeddings("input.unicode", "replaced", "replaces characters beyond ASCII",
        "unique $.data[*].embedding", {"tokens": ascii_only}),
    embeddings("answer.object", "other", "calls the answer an embedding", "always",
        answers(lambda body, whole: sets(object="embedding")(whole))),
    embeddings("answer.data.object", "other", "calls its embeddings vectors", "always",
        answers(items(sets(object="vector")))),
    embeddings("answer.data.object", "missing", "does not say what its items are", "always",
        answers(items(drops("object")))),
    embeddings("answer.model", "missing", "does not name the model", "present",
        answers(lambda body, whole: drops("model")(whole))),
    embeddings("answer.length", "shorter", "shortens the embeddings of long texts", "steps_agree",
        {"vector": shorten_long}),
    embeddings("usage.reported", "zero", "reports no tokens", "body $.usage.prompt_tokens",
        {"usage": lambda original, tokens: original(0)}),
    embeddings("usage.reported", "total", "reports a total of 0",
        "sum $.usage.total_tokens",
        {"usage": lambda original, tokens: {**original(tokens), "total_tokens": 0}}),
    embeddings("usage.grows", "constant", "reports the same count for every text", "more_than",
        {"usage": lambda original, tokens: original(7)}),
    embeddings("usage.batch", "first", "counts the tokens of the first input only", "more_than",
        {"answer": usage_of_first}),
    embeddings("errors.json", "crash", "crashes on a body that is not JSON", "status",
        {"parse": crash_on_bad_json}),
    embeddings("errors.json", "bare", "answers errors with a text", "schema openai/error",
        {"error": lambda original, refusal: {"error": refusal.message}}),
    embeddings("errors.method", "get", "answers a GET", "status", {"handle": answer_get}),
    embeddings("auth.missing", "open", "needs no key", "rejected.refused",
        {"authorize": admit_all(lambda values: not values)}),
    embeddings("auth.wrong", "any", "takes any key", "rejected.refused",
        {"authorize": admit_all(bool)}),
)  # fmt: skip
