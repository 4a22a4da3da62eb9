"""Shot -> Exchange, by whoever is to send it: the wire, an SDK, the wire with a watch behind it.

May not decide when: that is the engine's.
"""

from __future__ import annotations

from typing import Protocol

from harness.fire.connection import HttpConnection
from harness.fire.http import Gate, HttpTransport
from harness.fire.upstream.observer import UpstreamObserver
from harness.model import Call, Exchange, Shot


class SdkClients(Protocol):
    """The official SDKs, as users of the target."""

    async def send(self, shot: str, call: Call, gate: Gate) -> Exchange: ...

    async def close(self) -> None: ...


class Dispatcher:
    def __init__(
        self,
        transport: HttpTransport,
        clients: SdkClients | None = None,
        observer: UpstreamObserver | None = None,
    ) -> None:
        self.transport, self.clients, self.observer = transport, clients, observer

    async def send(self, slot: HttpConnection, shot: Shot, call: Call, gate: Gate) -> Exchange:
        if call.client and self.clients:
            return await self.clients.send(shot.id, call, gate)

        async def straight(shot: Shot, call: Call) -> Exchange:
            return await self.transport.send(slot, shot.id, call, gate)

        if self.observer:
            return await self.observer.send(shot, call, straight)
        return await straight(shot, call)

    async def close(self) -> None:
        if self.clients:
            await self.clients.close()
