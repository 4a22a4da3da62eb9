"""Mutation operators for the Responses endpoint. Each overrides one hook."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from harness.testbed.base import Mutant
from harness.testbed.gateway.endpoint import Body
from harness.testbed.gateway.errors import RequestError, bad_value
from harness.testbed.gateway.gateway import Overrides
from harness.testbed.gateway.model_types import Json

Change = Callable[[Body], Any]
Test = Callable[[Body], bool]


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


def when(test: Test, change: Change) -> Change:
    """Returns a change that is made only to bodies that pass the test."""
    return lambda data: change(data) if test(data) else None


def has(name: str) -> Test:
    return lambda body: body.get(name) is not None


def refuses(test: Test, param: str = "body") -> Overrides:
    """Rejects valid requests that pass the test."""

    def check(original: Change, body: Body) -> None:
        original(body)
        if test(body):
            raise bad_value(param, "not possible here.", "unsupported_parameter")

    return {"check": check}


def crashes(test: Test) -> Overrides:
    """Answers requests that pass the test with status 500."""

    def check(original: Change, body: Body) -> None:
        if test(body):
            raise RequestError(500, "Internal server error.", kind="server_error")
        original(body)

    return {"check": check}


def forgives(test: Test, change: Change) -> Overrides:
    """Changes a body that the gateway would refuse, instead of refusing it."""
    return reads(when(test, change))


def parts(change: Callable[[list[Body]], list[Body]]) -> Change:
    """Returns a change of the content parts of each item."""

    def change_items(body: Body) -> None:
        for item in body["input"] if isinstance(body.get("input"), list) else ():
            if isinstance(item, dict) and isinstance(item.get("content"), list):
                item["content"] = change(item["content"])

    return change_items


def without_parts(*kinds: str) -> Overrides:
    """Drops the content parts of some kinds from requests."""
    return reads(parts(lambda content: [part for part in content if part.get("type") not in kinds]))


def items(change: Callable[[Body], Any]) -> Change:
    """Returns a change of each item of the input."""

    def change_items(body: Body) -> None:
        for item in body["input"] if isinstance(body.get("input"), list) else ():
            if isinstance(item, dict):
                change(item)

    return change_items


def tools(change: Callable[[Body], Any]) -> Overrides:
    """Changes each tool of a request."""

    def change_tools(body: Body) -> None:
        for tool in body.get("tools") or () if isinstance(body.get("tools"), list) else ():
            if isinstance(tool, dict):
                change(tool)

    return reads(change_tools)


def texts(change: Callable[[str], str]) -> Overrides:
    """Changes the texts of messages."""

    def message_item(original: Callable[..., Body], *args: Any) -> Body:
        item = original(*args)
        for part in item["content"]:
            part["text"] = change(part["text"])
        return item

    return {"message_item": message_item}


def calls(change: Change) -> Overrides:
    """Changes each call of an answer."""

    def call_item(original: Callable[..., Body], *args: Any) -> Body:
        item = original(*args)
        change(item)
        return item

    return {"call_item": call_item}
