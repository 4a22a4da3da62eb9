"""Bounds what the clients of a server cost: open connections, and large bodies that arrive."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

CONNECTIONS = 500
FREE = 256 * 1024  # bytes of a body that never wait
AT_ONCE = 2  # larger bodies
SECONDS = 75.0  # for the rest of a large body, and for its answer


class Bounds:
    """The connections of a server, in the order of their last activity, and its large bodies."""

    def __init__(self) -> None:
        self.connections: dict[Any, None] = {}
        self.large = asyncio.Semaphore(AT_ONCE)

    def add(self, connection: Any) -> None:
        """Count a connection; if there are too many, end the one with the longest silence."""
        if len(self.connections) >= CONNECTIONS:
            silent = next(iter(self.connections))
            del self.connections[silent]
            silent.writer.transport.abort()
        self.connections[connection] = None

    def touch(self, connection: Any) -> None:
        """Note that a connection has sent something."""
        if connection in self.connections:
            del self.connections[connection]
            self.connections[connection] = None

    def remove(self, connection: Any) -> None:
        self.connections.pop(connection, None)

    @asynccontextmanager
    async def room(self) -> AsyncIterator[None]:
        """Wait until few other bodies are large.

        Raises:
            TimeoutError: The block takes too long, in which no other large body can come.
        """
        async with self.large, asyncio.timeout(SECONDS):
            yield
