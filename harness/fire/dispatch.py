"""Shot -> Exchange, by whoever is to send it: the wire, an SDK, the wire with a watch behind it.

May not decide when: that is the engine's.
"""

from __future__ import annotations

from typing import Protocol

from harness.fire.connection import Slot
from harness.fire.http import Gate, Wire
from harness.fire.upstream.observer import Watch
from harness.model import Call, Exchange, Shot


class Clients(Protocol):
    """The official SDKs, as users of the target."""

    async def send(self, shot: str, call: Call, gate: Gate) -> Exchange: ...

    async def close(self) -> None: ...


class Delivery:
    def __init__(
        self, wire: Wire, clients: Clients | None = None, watch: Watch | None = None
    ) -> None:
        self.wire, self.clients, self.watch = wire, clients, watch

    async def send(self, slot: Slot, shot: Shot, call: Call, gate: Gate) -> Exchange:
        if call.client and self.clients:
            return await self.clients.send(shot.id, call, gate)

        async def straight(shot: Shot, call: Call) -> Exchange:
            return await self.wire.send(slot, shot.id, call, gate)

        if self.watch:
            return await self.watch.send(shot, call, straight)
        return await straight(shot, call)

    async def close(self) -> None:
        if self.clients:
            await self.clients.close()
