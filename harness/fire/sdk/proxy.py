"""Recording proxy: a port on this machine that forwards an SDK's requests to the target."""

from __future__ import annotations

import asyncio
from typing import Final
from urllib.parse import urlsplit

from harness.fire.interfaces import Forward
from harness.fire.sdk.proxy_connection import ProxyConnection, ProxyContext
from harness.fire.sdk.recorder import TrafficRecorder

HOST: Final = "127.0.0.1"


class RecordingProxy:
    """The proxy of one SDK. It forwards requests only while `recorder` is set.

    Args:
        base_url: The base URL of the target; all requests go to its origin.
        forward: Sends a request to the target.
    """

    def __init__(self, base_url: str, forward: Forward) -> None:
        self.target, self.forward = urlsplit(base_url), forward
        self.recorder: TrafficRecorder | None = None
        self.server: asyncio.Server | None = None
        self.connections: dict[asyncio.Task[None], asyncio.StreamWriter] = {}

    async def open(self) -> str:
        """Starts to listen, unless it does; returns the base URL for the SDK."""
        if self.server is None:
            self.server = await asyncio.start_server(self.accept, HOST, 0)
        port = self.server.sockets[0].getsockname()[1]
        return f"http://{HOST}:{port}{self.target.path}"

    async def close(self) -> None:
        """Stops to listen and drops all connections."""
        if self.server is not None:
            self.server.close()
        await self.drop_connections()

    async def drop_connections(self) -> None:
        connections = dict(self.connections)
        for task in connections:
            task.cancel()
        await asyncio.gather(*connections, return_exceptions=True)
        for writer in connections.values():  # a task that was cancelled before it began has not
            writer.close()

    def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serves a new connection in a task of its own."""
        address = writer.get_extra_info("sockname")
        context = ProxyContext(
            local_url=f"http://{HOST}:{address[1]}",
            target=self.target,
            forward=self.forward,
            recorder=lambda: self.recorder,
        )
        task = asyncio.ensure_future(ProxyConnection(context, reader, writer).serve())
        self.connections[task] = writer
        task.add_done_callback(self.connections.pop)
