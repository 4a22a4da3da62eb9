"""The common ways to be wrong, as overrides of one organ. May not name a case."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from harness.testbed.gateway.errors import RequestError, bad_value
from harness.testbed.gateway.gateway import Overrides
from harness.testbed.gateway.model_types import Json, ModelRequest
from harness.testbed.gateway.openai.validation import FIELDS

Body = dict[str, Json]
Test = Callable[[Body], bool]
Change = Callable[[Body], Any]


def found(data: Json, *path: str | Mapping[str, Json]) -> Iterator[Json]:
    """What lies at a path of keys, `*` for every item, {key: value} for items that have it."""
    if not path:
        yield data
        return
    step, rest = path[0], path[1:]
    if isinstance(step, str) and isinstance(data, dict) and step in data:
        yield from found(data[step], *rest)
    elif isinstance(data, list):
        for item in data:
            fits = step == "*" or (
                isinstance(step, Mapping)
                and isinstance(item, dict)
                and all(item.get(key) == value for key, value in step.items())
            )
            yield from found(item, *rest) if fits else ()


def has(*path: str | Mapping[str, Json]) -> Test:
    return lambda body: any(True for _ in found(body, *path))


def has_value(*path: Any, value: Json) -> Test:
    return lambda body: any(item == value for item in found(body, *path))


def refuses(test: Test, param: str) -> Overrides:
    """Refuses what is right."""

    def check(original: Change, body: Body) -> None:
        original(body)
        if test(body):
            raise bad_value(param, "not supported here.", "unsupported_parameter")

    return {"check": check}


def crashes(test: Test) -> Overrides:
    """Answers a request, right or wrong, with a 500."""

    def check(original: Change, body: Body) -> None:
        if test(body):
            raise RequestError(500, "Internal server error.", kind="server_error")
        original(body)

    return {"check": check}


def forgives(field: str) -> Overrides:
    """Quietly leaves out a field that ought to be refused."""

    def check(original: Change, body: Body) -> None:
        try:
            original(body)
        except RequestError as refusal:
            if (refusal.param or "").partition("[")[0].partition(".")[0] != field:
                raise
            body.pop(field, None)
            original(body)

    return {"check": check}


def mends(mend: Change) -> Overrides:
    """Quietly repairs a body that ought to be refused."""

    def check(original: Change, body: Body) -> None:
        mend(body)
        original(body)

    return {"check": check}


def forwards(*path: str | Mapping[str, Json]) -> Overrides:
    """Lets the model read what ought to be ignored."""

    def understand(original: Callable[[Body], ModelRequest], body: Body) -> ModelRequest:
        request = original(body)
        extra = "".join(f"\n{json.dumps(value)}" for value in found(body, *path))
        return replace(request, system=request.system + extra)

    return {"read_request": understand}


def loses(lose: Change) -> Overrides:
    """Lets something get lost on its way to the model."""

    def understand(original: Callable[[Body], ModelRequest], body: Body) -> ModelRequest:
        body = copy.deepcopy(body)
        lose(body)
        return original(body)

    return {"read_request": understand}


def misreads(**changes: Callable[[ModelRequest], Any]) -> Overrides:
    """Changes what the model is asked."""

    def understand(original: Callable[[Body], ModelRequest], body: Body) -> ModelRequest:
        request = original(body)
        return replace(request, **{name: change(request) for name, change in changes.items()})

    return {"read_request": understand}


def answers(change: Callable[[Body, Body], Any]) -> Overrides:
    """Changes the answer: `change(request, answer)`, and with it the stream cut from it."""

    def completion(original: Callable[..., Body], body: Body, *rest: Any) -> Body:
        whole = original(body, *rest)
        change(body, whole)
        return whole

    return {"completion": completion}


def choice(change: Callable[[Body], Any]) -> Overrides:
    return answers(lambda _, whole: change(whole["choices"][0]))


def message(change: Callable[[Body], Any]) -> Overrides:
    return answers(lambda _, whole: change(whole["choices"][0]["message"]))


def usage(change: Callable[[Body], Any]) -> Overrides:
    return answers(lambda _, whole: change(whole["usage"]))


def call(change: Callable[[Body], Any]) -> Overrides:
    """Changes every tool call of an answer."""

    def tool_calls(original: Callable[..., list[Body]], *args: Any) -> list[Body]:
        calls = original(*args)
        for item in calls:
            change(item)
        return calls

    return {"tool_calls": tool_calls}


def sets(**values: Json) -> Change:
    """A change that sets keys."""
    return lambda data: data.update(values)


def drops(*keys: str) -> Change:
    """A change that removes keys."""
    return lambda data: [data.pop(key, None) for key in keys]


def headers(change: Callable[[dict[str, str]], Any]) -> Overrides:
    """Changes the headers of all answers."""

    def changed(
        original: Callable[..., list[tuple[str, str]]], *args: Any
    ) -> list[tuple[str, str]]:
        pairs = dict(original(*args))
        change(pairs)
        return list(pairs.items())

    return {"headers": changed}


def knows(field: str, value: Json) -> bool:
    """Whether a field may hold this value."""
    try:
        FIELDS[field](field, value)
    except RequestError:
        return False
    return True


def wrong(field: str) -> Test:
    """Whether a body holds this field with a value that it may not have."""
    return lambda body: field in body and not knows(field, body[field])
