"""A shot -> the same shot, with what of it reached the provider. May not judge, or send by itself.

The upstream plays the provider for the time of the run. It knows a shot by its mark. A shot that
can carry none goes alone: whatever arrives meanwhile is its own.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any, Final, Protocol

from harness.fire.redaction.exchange import ExchangeRedactor
from harness.fire.upstream.correlation import mark_of, marked, without
from harness.model import Call, Exchange, Forwarded, Pairs, Shot

Arrived = Sequence[Mapping[str, Any]]
Send = Callable[[Shot, Call], Awaitable[Exchange]]
PROVIDER: Final = "[key:provider]"


class Upstream(Protocol):
    """A provider that plays what it is told, and writes down what it sees."""

    def expect(self, mark: str, reply: Mapping[str, Any] | None) -> None: ...

    def taken(self, mark: str) -> Arrived: ...

    def strays(self) -> Arrived: ...


class UpstreamObserver:
    """Stands behind the gateway. Lives on the loop that fires. `key`: the provider's."""

    def __init__(self, upstream: Upstream, redactor: ExchangeRedactor, key: str = PROVIDER) -> None:
        self.upstream, self.redactor = upstream, redactor
        self.key = redactor.text(key)
        self.unexpected: list[Forwarded] = []
        self.under_way, self.alone = 0, False
        self.changed = asyncio.Condition()

    async def send(self, shot: Shot, call: Call, send: Send) -> Exchange:
        mark = mark_of(shot.id)
        with_mark = marked(call, mark)
        async with self.turn(alone=with_mark is None):
            if with_mark is None:
                self.unexpected += self.seen(self.upstream.strays())
                self.upstream.expect("", call.reply)
                exchange = await send(shot, call)
                return replace(exchange, forwarded=self.seen(self.upstream.strays()))
            self.upstream.expect(mark, call.reply)
            exchange = await send(shot, with_mark)
            return replace(exchange, forwarded=self.seen(self.upstream.taken(mark)))

    @asynccontextmanager
    async def turn(self, alone: bool) -> AsyncIterator[None]:
        """Shots with marks go side by side; one without waits until nothing else is under way."""
        async with self.changed:
            await self.changed.wait_for(
                lambda: not self.alone and not (alone and self.under_way),
            )
            self.under_way, self.alone = self.under_way + 1, alone
        try:
            yield
        finally:
            async with self.changed:
                self.under_way, self.alone = self.under_way - 1, False
                self.changed.notify_all()

    def close(self) -> tuple[Forwarded, ...]:
        """What arrived and belongs to no shot."""
        self.unexpected += self.seen(self.upstream.strays())
        return tuple(self.unexpected)

    def seen(self, arrived: Arrived) -> tuple[Forwarded, ...]:
        return tuple(
            Forwarded(
                method=each["method"],
                path=self.redactor.text(each["path"]),
                headers=self.headers(tuple(map(tuple, each["headers"]))),
                body=self.redactor.text(without(each["body"])),
                status=each["status"],
                protocol=each["protocol"],
            )
            for each in arrived
        )

    def headers(self, pairs: Pairs) -> Pairs:
        """Where callers bring the provider's key themselves, it is still the provider's."""
        hidden = self.redactor.text_redactor.pairs(pairs)
        return tuple((name, value.replace(self.key, PROVIDER)) for name, value in hidden)
