"""Finds out which requests a gateway sends to its provider because of a shot.

For the time of the run, the harness plays the provider. It recognizes a shot by the mark in its
text. A shot that cannot carry a mark is sent alone, so that everything that arrives belongs to it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final, Protocol

from harness.fire.redaction.exchange import ExchangeRedactor
from harness.fire.upstream.correlation import add_mark, correlation_id, remove_marks
from harness.model import Call, Forwarded, Pairs, Shot

Requests = Sequence[Mapping[str, Any]]
PROVIDER: Final = "[key:provider]"


class Upstream(Protocol):
    """A mock provider that gives prepared replies and records the requests."""

    def expect(self, mark: str, reply: Mapping[str, Any] | None) -> None: ...

    def taken(self, mark: str) -> Requests: ...

    def strays(self) -> Requests: ...


@dataclass(slots=True)
class Observation:
    """One shot under observation: send `call`; afterwards `forwarded` has what was forwarded."""

    call: Call
    forwarded: tuple[Forwarded, ...] = ()


class UpstreamObserver:
    """Observes shots. All its methods are called on the engine's event loop.

    Args:
        upstream: The mock provider.
        redactor: Hides secrets in the recorded requests.
        provider_key: The key with which the gateway calls the provider.
    """

    def __init__(
        self, upstream: Upstream, redactor: ExchangeRedactor, provider_key: str = PROVIDER
    ) -> None:
        self.upstream, self.redactor = upstream, redactor
        self.provider_key = redactor.text(provider_key)
        self.unexpected: list[Forwarded] = []
        self.in_flight, self.exclusive = 0, False
        self.changed = asyncio.Condition()

    @asynccontextmanager
    async def observe(self, shot: Shot, call: Call) -> AsyncIterator[Observation]:
        """Observes a shot that the caller sends inside the `async with` block."""
        mark = correlation_id(shot.id)
        marked_call = add_mark(call, mark)
        async with self._turn(exclusive=marked_call is None):
            if marked_call is None:
                self.unexpected += self._convert(self.upstream.strays())
                self.upstream.expect("", call.reply)
                observation = Observation(call)
                yield observation
                observation.forwarded = self._convert(self.upstream.strays())
            else:
                self.upstream.expect(mark, call.reply)
                observation = Observation(marked_call)
                yield observation
                observation.forwarded = self._convert(self.upstream.taken(mark))

    @asynccontextmanager
    async def _turn(self, exclusive: bool) -> AsyncIterator[None]:
        """Lets shots with marks run side by side, and an exclusive one only by itself."""
        async with self.changed:
            await self.changed.wait_for(
                lambda: not self.exclusive and not (exclusive and self.in_flight),
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
                body=self.redactor.text(remove_marks(request["body"])),
                status=request["status"],
                protocol=request["protocol"],
            )
            for request in requests
        )

    def redact_headers(self, pairs: Pairs) -> Pairs:
        """Redacts headers; a provider key that the caller brings is labelled as the provider's."""
        hidden = self.redactor.text_redactor.pairs(pairs)
        return tuple((name, value.replace(self.provider_key, PROVIDER)) for name, value in hidden)
