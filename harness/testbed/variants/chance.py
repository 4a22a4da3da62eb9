"""Variants whose times and ids would make a careless verdict depend on chance."""

from __future__ import annotations

import hashlib
import itertools
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from harness.testbed.base import Variant
from harness.testbed.gateway.gateway import Overrides
from harness.testbed.gateway.ids import ResponseIds

Reply = dict[str, Any]
Events = list[dict[str, Any]]
IdsOf = Callable[[Mapping[str, Any], ResponseIds], ResponseIds]


def next_second(original: Callable[..., Events], *args: Any) -> Events:
    """Stamps each chunk with its own time; a second passes in the middle of the stream."""
    events = original(*args)
    half = len(events) // 2
    return [{**e, "created": e["created"] + (n >= half)} for n, e in enumerate(events)]


def changes_ids(ids_of: IdsOf) -> Overrides:
    """Replaces the ids of a response; `ids_of` receives the request and the usual ids."""

    def respond(
        original: Callable[..., Reply], request: Mapping[str, Any], ids: ResponseIds
    ) -> Reply:
        return original(request, ids_of(request, ids))

    return {"respond": respond}


@dataclass(frozen=True, slots=True)
class TimedIds(ResponseIds):
    """Ids of responses that are made of a time, which two requests can share."""

    moment: str = ""

    @property
    def completion_id(self) -> str:
        return f"chatcmpl-{self.moment}"

    @property
    def message_id(self) -> str:
        return f"msg_{self.moment}"

    @property
    def request_id(self) -> str:
        return f"req_{self.moment}"


def in_pairs() -> IdsOf:
    """Returns ids of which two requests in a row share one, as in the same millisecond."""
    numbers = itertools.count()

    def ids_of(request: Mapping[str, Any], ids: ResponseIds) -> ResponseIds:
        number = next(numbers) // 2
        return TimedIds(ids.digest, hashlib.sha256(b"%d" % number).hexdigest()[:24])

    return ids_of


@dataclass(frozen=True, slots=True)
class NumberedCalls(ResponseIds):
    """Ids of tool calls that count the calls of the conversation, as one vendor documents them."""

    earlier: int = 0

    def call_id(self, number: int, prefix: str = "call") -> str:
        return f"functions.get_weather:{self.earlier + number}"


def per_conversation(request: Mapping[str, Any], ids: ResponseIds) -> ResponseIds:
    try:
        messages = json.loads(request["body"])["messages"]
        calls = [call for message in messages for call in message.get("tool_calls") or ()]
    except (ValueError, KeyError, TypeError, AttributeError):
        calls = []
    return NumberedCalls(ids.digest, len(calls))


def both(overrides: Overrides) -> Overrides:
    return {f"both.{hook}": function for hook, function in overrides.items()}


CHANCE = (
    Variant("chance.created", "stamps each chunk with its own time", {"events": next_second}),
    Variant("chance.milliseconds", "makes ids of the time, which two requests can share",
            both(changes_ids(in_pairs()))),
    Variant("chance.numbered-calls", "counts the tool calls of each conversation from 0",
            changes_ids(per_conversation)),
)  # fmt: skip
