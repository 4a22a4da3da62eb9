"""A port of this machine -> a target's front, while a job is recorded. May not look at bytes.

Everything goes to the one origin of the front.
"""

from __future__ import annotations

import asyncio
from typing import Final
from urllib.parse import urlsplit

from harness.fire.interfaces import Forward
from harness.fire.sdk.proxy_connection import ProxyConnection
from harness.fire.sdk.recorder import TrafficRecorder

HOST: Final = "127.0.0.1"


class RecordingProxy:
    """One for each SDK, on a port of its own. `base_url` is the front's, `forward` asks there."""

    def __init__(self, base_url: str, forward: Forward) -> None:
        self.parts, self.forward = urlsplit(base_url), forward
        self.tape: TrafficRecorder | None = None
        self.server: asyncio.Server | None = None
        self.lines: dict[asyncio.Task[None], asyncio.StreamWriter] = {}

    async def open(self) -> str:
        """The base URL for the SDK: as the front's, but for the origin."""
        if self.server is None:
            self.server = await asyncio.start_server(self.connected, HOST, 0)
        return f"{self.here}{self.parts.path}"

    @property
    def here(self) -> str:
        assert self.server is not None
        return f"http://{HOST}:{self.server.sockets[0].getsockname()[1]}"

    @property
    def there(self) -> str:
        return f"{self.parts.scheme}://{self.parts.netloc}"

    async def close(self) -> None:
        """Whatever is under way is dropped."""
        if self.server is not None:
            self.server.close()
        await self.drop()

    async def drop(self) -> None:
        lines = dict(self.lines)
        for task in lines:
            task.cancel()
        await asyncio.gather(*lines, return_exceptions=True)
        for writer in lines.values():  # who was dropped before he began has closed nothing
            writer.close()

    def connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(ProxyConnection(self, reader, writer).serve())
        self.lines[task] = writer
        task.add_done_callback(self.lines.pop)

    def url(self, path: str) -> str:
        """The same path there, with what the base URL has behind a question mark."""
        query = self.parts.query
        mark = "&" if "?" in path else "?"
        return f"{self.there}{path}{mark + query if query else ''}"
