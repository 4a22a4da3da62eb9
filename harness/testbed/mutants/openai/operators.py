"""Mutation operators for the OpenAI endpoint. Each overrides one hook."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from harness.testbed.gateway.errors import bad_value
from harness.testbed.gateway.gateway import Overrides
from harness.testbed.gateway.model_types import Json, ModelRequest

Body = dict[str, Json]
Test = Callable[[Body], bool]
Change = Callable[[Body], Any]


def values_at(data: Json, *path: str | Mapping[str, Json]) -> Iterator[Json]:
    """Yields the values at a path: keys, `*` for every item, {key: value} for matching items."""
    if not path:
        yield data
        return
    step, rest = path[0], path[1:]
    if isinstance(step, str) and isinstance(data, dict) and step in data:
        yield from values_at(data[step], *rest)
    elif isinstance(data, list):
        for item in data:
            fits = step == "*" or (
                isinstance(step, Mapping)
                and isinstance(item, dict)
                and all(item.get(key) == value for key, value in step.items())
            )
            yield from values_at(item, *rest) if fits else ()


def has(*path: str | Mapping[str, Json]) -> Test:
    return lambda body: any(True for _ in values_at(body, *path))


def refuses(test: Test, param: str) -> Overrides:
    """Rejects valid requests that pass the test."""

    def check(original: Change, body: Body) -> None:
        original(body)
        if test(body):
            raise bad_value(param, "not supported here.", "unsupported_parameter")

    return {"check": check}


def repairs(repair: Change) -> Overrides:
    """Repairs a body instead of rejecting it."""

    def check(original: Change, body: Body) -> None:
        repair(body)
        original(body)

    return {"check": check}


def loses(lose: Change) -> Overrides:
    """Drops something before the model; `lose` changes a copy of the body."""

    def read_request(original: Callable[[Body], ModelRequest], body: Body) -> ModelRequest:
        body = copy.deepcopy(body)
        lose(body)
        return original(body)

    return {"read_request": read_request}


def misreads(**changes: Callable[[ModelRequest], Any]) -> Overrides:
    """Changes fields of the model request."""

    def read_request(original: Callable[[Body], ModelRequest], body: Body) -> ModelRequest:
        request = original(body)
        return replace(request, **{name: change(request) for name, change in changes.items()})

    return {"read_request": read_request}


def answers(change: Callable[[Body, Body], Any]) -> Overrides:
    """Changes answers and their streams: `change(request body, answer)`."""

    def completion(original: Callable[..., Body], body: Body, *rest: Any) -> Body:
        whole = original(body, *rest)
        change(body, whole)
        return whole

    return {"completion": completion}


def message(change: Callable[[Body], Any]) -> Overrides:
    return answers(lambda _, whole: change(whole["choices"][0]["message"]))
