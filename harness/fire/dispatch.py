"""Chooses how a shot is sent: over HTTP, by an SDK, or over HTTP with its upstream observed."""

from __future__ import annotations

from dataclasses import replace
from itertools import count
from typing import TYPE_CHECKING

from harness.fire.connection import HttpConnection
from harness.fire.http import HttpTransport
from harness.fire.interfaces import Acquire
from harness.fire.upstream_observer import UpstreamObserver
from harness.model import Call, Exchange, Shot

if TYPE_CHECKING:  # runs without SDKs need not import them
    from harness.fire.sdk.clients import SdkClients


class Dispatcher:
    """Sends shots by the transport that each needs."""

    def __init__(
        self,
        transport: HttpTransport,
        sdks: SdkClients | None = None,
        observer: UpstreamObserver | None = None,
    ) -> None:
        self.transport, self.sdks, self.observer = transport, sdks, observer

    async def send(
        self, connection: HttpConnection, shot: Shot, call: Call, acquire: Acquire
    ) -> Exchange:
        """Sends a shot. `call` is its call with captured values filled in."""
        if call.client and self.sdks:
            return await self.sdks.send(shot.id, call, acquire)
        if self.observer is None:
            return await self.transport.send(connection, shot.id, call, acquire)
        async with self.observer.observe(shot, call) as observation:
            call, attempts = observation.call, count()

            async def acquire_next(delay: float) -> bool:
                if next(attempts):
                    observation.restart()
                return await acquire(delay)

            exchange = await self.transport.send(connection, shot.id, call, acquire_next)
        return replace(exchange, forwarded=observation.forwarded)

    async def close(self) -> None:
        if self.sdks:
            await self.sdks.close()
