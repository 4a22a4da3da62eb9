"""Features of requests: names for what a request has, to compare requests with each other."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Final

from harness.model import Call, Json

MAX_FEATURES: Final = 400  # of one request
MAX_DEPTH: Final = 8
SHORT: Final = re.compile(r"[\w.:/+-]{1,32}")  # a text that is a choice, and no words of a prompt
# Members whose value is free text or belongs to every conversation.
FREE: Final = ("content", "text", "name", "description", "arguments", "id", "tool_call_id")
KINDS: Final = {
    str: "a text",
    list: "a list",
    dict: "an object",
    type(None): "null",
    **dict.fromkeys((int, float), "a number"),
    bool: "true or false",
}
EXPECTED: Final = ("model", "messages")  # in the body of a request for an answer
INSTRUCTIONS: Final = ("system", "developer")


def features(call: Call) -> frozenset[str]:
    """Return what a request has: its endpoint, its members and their short values.

    Example:
        `POST /chat/completions`, `stream_options`, `messages[*].role: "system"`.
    """
    return frozenset(islice(each_feature(call), MAX_FEATURES))


def feature_name(feature: str) -> str:
    """Return the member that a feature is about: `n` for `n: 2` and for `n as a text`."""
    return feature.partition(": ")[0].partition(" as ")[0]


def each_feature(call: Call) -> Iterator[str]:
    path = call.path.partition("?")[0]
    yield f"{call.method} {path}"
    yield from (f"a path below /{segment}" for segment in path.split("/")[1:3] if segment != "v1")
    if call.auth != "key":
        yield f"authentication: {call.auth}"
    yield from (f"header {name.lower()}: {value[:40]}" for name, value in call.headers)
    yield from (f"no header {name.lower()}" for name in call.without)
    if call.client:
        yield f"the client {call.client.get('client', '')}".strip()
    if call.raw is not None:
        yield "a body that is not sent as JSON"
    if call.method == "POST" and isinstance(call.body, Mapping):
        yield from (f"no {name}" for name in EXPECTED if name not in call.body)
        yield from conversation(call.body.get("messages"))
    yield from members(call.body, "", 0)


def conversation(messages: Json) -> Iterator[str]:
    """Yield what is special about the order and number of messages."""
    roles = (
        [m.get("role") for m in messages or () if isinstance(m, Mapping)]
        if isinstance(messages, list)
        else []
    )
    if len(roles) > 1:
        yield "several messages"
    instructions = [index for index, role in enumerate(roles) if role in INSTRUCTIONS]
    if len(instructions) > 1:
        yield "several system messages"
    if any(any(role not in INSTRUCTIONS for role in roles[:index]) for index in instructions):
        yield "a late system message"


def members(value: Json, at: str, depth: int) -> Iterator[str]:
    """Yield the members of a body, those of list items as `[*]`, with values that are short."""
    if depth > MAX_DEPTH:
        return
    if isinstance(value, Mapping):
        for key, item in value.items():
            name = f"{at}.{key}" if at else str(key)
            yield name
            yield kind(name, item) if key in FREE else with_value(name, item)
            yield from members(item, name, depth + 1)
    elif isinstance(value, list):
        for item in value:
            yield from members(item, f"{at}[*]", depth + 1)


def with_value(name: str, item: Json) -> str:
    """Return a member with its value if that is short, otherwise with the type of its value."""
    if isinstance(item, bool):
        return f"{name}: {str(item).lower()}"
    if isinstance(item, int | float) or item in ([], {}):
        return f"{name}: {item}"
    if isinstance(item, str) and SHORT.fullmatch(item):
        return f'{name}: "{item}"'
    return kind(name, item)


def kind(name: str, item: Json) -> str:
    """Return a member with the JSON type of its value."""
    return f"{name} as {KINDS.get(type(item), 'another type')}"
