"""Recording proxy: a port on this machine that forwards an SDK's requests to the target."""

from __future__ import annotations

import asyncio
from typing import Final
from urllib.parse import urlsplit

from harness.fire.interfaces import Forward
from harness.fire.request import build_url
from harness.fire.sdk.proxy_connection import ProxyConnection
from harness.fire.sdk.recorder import TrafficRecorder

HOST: Final = "127.0.0.1"


class RecordingProxy:
    """The proxy of one SDK. It sends requests by `forward`, and only while `recorder` is set."""

    def __init__(self, base_url: str, forward: Forward) -> None:
        self.target, self.forward = urlsplit(base_url), forward
        self.target_origin = f"{self.target.scheme}://{self.target.netloc}"
        self.origin = ""
        self.recorder: TrafficRecorder | None = None
        self.server: asyncio.Server | None = None
        self.connections: dict[asyncio.Task[None], asyncio.StreamWriter] = {}

    async def open(self) -> str:
        """Starts to listen, unless it does; returns the base URL for the SDK."""
        if self.server is None:
            self.server = await asyncio.start_server(self.accept, HOST, 0)
            self.origin = f"http://{HOST}:{self.server.sockets[0].getsockname()[1]}"
        return self.origin + self.target.path

    def forward_url(self, path: str) -> str:
        """Returns the URL of a path at the target, with the query of the target's base URL."""
        return build_url(f"{self.target_origin}?{self.target.query}", path)

    def local_header(self, name: str, value: str) -> str | None:
        """Returns a response header for the SDK: a `location` leads to the proxy.

        None for a `location` at another origin, where the SDK would bypass the proxy.
        """
        if name.lower() != "location" or not (parts := urlsplit(value)).netloc:
            return value
        if (parts.scheme, parts.netloc) != (self.target.scheme, self.target.netloc):
            return None
        return value.replace(self.target_origin, self.origin, 1)

    async def close(self) -> None:
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
        task = asyncio.ensure_future(ProxyConnection(self, reader, writer).serve())
        self.connections[task] = writer
        task.add_done_callback(self.connections.pop)
