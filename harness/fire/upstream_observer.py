"""Finds out which requests a gateway sends to its provider because of a shot.

For the time of the run, the harness plays the provider. It recognizes a shot by the mark in its
text: a gateway drops headers but passes the user's text on. All marks have the same length, and
they are removed from every text that comes back. A shot that cannot carry a mark is sent alone, so
that everything that arrives belongs to it.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final, Protocol

from harness.fire.redaction.exchange import ExchangeRedactor
from harness.model import Call, Forwarded, Json, Pairs, Shot

Requests = Sequence[Mapping[str, Any]]
PROVIDER: Final = "[key:provider]"
# The newline before a mark may be escaped for JSON, also several times.
# A search begins only where a run of backslashes does, or it would take quadratic time.
MARK: Final = re.compile(r"(?:\n|(?<!\\)\\++(?:n|u000a))?\[ref:[0-9a-f]{8}\]")


class Upstream(Protocol):
    """A mock provider that gives prepared replies and records the requests."""

    def expect(self, mark: str, reply: Mapping[str, Any] | None) -> None: ...

    def take(self, mark: str) -> Requests: ...

    def strays(self) -> Requests: ...


@dataclass(slots=True)
class Observation:
    """One shot under observation: send `call`; afterwards `forwarded` has what was forwarded.

    `restart` is called before each further attempt. Only the last one counts, since a gateway that
    gets a request again sends it to its provider again.
    """

    call: Call
    restart: Callable[[], object]
    forwarded: tuple[Forwarded, ...] = ()


class UpstreamObserver:
    """Observes shots. The gateway calls the provider with `provider_key`."""

    def __init__(
        self, upstream: Upstream, redactor: ExchangeRedactor, provider_key: str = PROVIDER
    ) -> None:
        self.upstream, self.redactor = upstream, redactor
        self.provider_key = redactor.text(provider_key)
        # Only keys of the run are redacted in it: the gateway forwards that of its caller.
        self.has_callers_key = self.provider_key not in (provider_key, PROVIDER)
        self.unexpected: list[Forwarded] = []
        self.in_flight, self.exclusive = 0, False
        self.changed = asyncio.Condition()

    @asynccontextmanager
    async def observe(self, shot: Shot, call: Call) -> AsyncIterator[Observation]:
        """Observes a shot that the caller sends inside the `async with` block."""
        mark = correlation_id(shot.id)
        marked_call = add_mark(call, mark)
        take = partial(self.upstream.take, mark) if marked_call else self.upstream.strays

        def restart() -> None:
            take()
            self.upstream.expect(mark if marked_call else "", call.reply)

        observation = Observation(marked_call or call, restart)
        async with self._turn(exclusive=marked_call is None):
            if marked_call:
                self.upstream.expect(mark, call.reply)
            else:
                self.unexpected += self._convert(self.upstream.strays())
                self.upstream.expect("", call.reply)
            yield observation
            observation.forwarded = self._convert(take())

    @asynccontextmanager
    async def _turn(self, exclusive: bool) -> AsyncIterator[None]:
        """Lets shots with marks run side by side, and an exclusive one only by itself."""
        async with self.changed:
            await self.changed.wait_for(
                lambda: not self.exclusive and not (exclusive and self.in_flight)
            )
            self.in_flight, self.exclusive = self.in_flight + 1, exclusive
        try:
            yield
        finally:
            async with self.changed:
                self.in_flight, self.exclusive = self.in_flight - 1, False
                self.changed.notify_all()

    def close(self) -> tuple[Forwarded, ...]:
        """Returns the requests that belong to no shot."""
        self.unexpected += self._convert(self.upstream.strays())
        return tuple(self.unexpected)

    def _convert(self, requests: Requests) -> tuple[Forwarded, ...]:
        return tuple(
            Forwarded(
                method=request["method"],
                path=self.redactor.text(request["path"]),
                headers=self.redact_headers(tuple(map(tuple, request["headers"]))),
                body=self.redactor.body(remove_marks(request["body"])),
                status=request["status"],
                protocol=request["protocol"],
                refusal=self.redactor.text(remove_marks(request.get("refusal", ""))),
                has_callers_key=self.has_callers_key,
            )
            for request in requests
        )

    def redact_headers(self, pairs: Pairs) -> Pairs:
        """Redacts headers; a provider key that the caller brings is labelled as the provider's."""
        return tuple(
            (name, value.replace(self.provider_key, PROVIDER))
            for name, value in self.redactor.pairs(pairs)
        )


def correlation_id(shot: str) -> str:
    return hashlib.sha256(shot.encode("utf-8", "surrogatepass")).hexdigest()[:8]


def add_mark(call: Call, mark: str) -> Call | None:
    """Returns the call with its mark, or None if it has no user text that can carry one.

    Every user message and every input gets the mark, since a gateway can lose a part of them.
    """
    body: Json = {} if call.client or not isinstance(call.body, Mapping) else call.body
    text = f"\n[ref:{mark}]"
    if isinstance(body.get("messages"), list):
        marked = {"messages": [mark_message(message, text) for message in body["messages"]]}
    else:
        marked = {"input": mark_input(body.get("input"), text)}
    is_marked = any(marked[name] != body.get(name) for name in marked)
    return replace(call, body={**body, **marked}) if is_marked else None


def mark_input(value: Json, text: str) -> Json:
    """Returns an input with the text appended to its texts and user messages.

    An empty text stays empty, since it can be what a case is about.
    """
    if isinstance(value, str):
        return value + text if value else value
    if not isinstance(value, list):
        return value
    return [mark_input(v, text) if isinstance(v, str) else mark_message(v, text) for v in value]


def mark_message(message: Json, text: str) -> Json:
    """Returns a user message with the text appended, any other message unchanged."""
    if not isinstance(message, Mapping) or message.get("role") != "user":
        return message
    content = append_text(message.get("content"), text)
    return {**message, "content": content} if content else message


def append_text(content: Json, text: str) -> Json:
    """Appends to a text, or to the first text part of a content list; None if there is no text."""
    if isinstance(content, str):
        return content + text
    for index, part in enumerate(content if isinstance(content, list) else ()):
        if isinstance(part, Mapping) and isinstance(part.get("text"), str):
            first = {**part, "text": part["text"] + text}
            return [*content[:index], first, *content[index + 1 :]]
    return None


def remove_marks(text: str) -> str:
    """Returns the text without marks, also where it contains JSON."""
    return MARK.sub("", text)
