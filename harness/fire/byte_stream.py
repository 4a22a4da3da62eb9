"""The bytes that arrive on a connection, for a reader that waits for them."""

from __future__ import annotations

import asyncio
import select
from collections import deque
from typing import Any, Final

MAX_UNREAD: Final = 64 * 1024  # bytes; the peer has to wait while more are unread


class ByteStream(asyncio.Protocol):
    """Keeps what arrives until it is read, in the pieces in which it came."""

    def __init__(self) -> None:
        self.transport: Any = None
        self.pieces, self.unread = deque[bytes](), 0
        self.has_ended = False
        self.error: Exception | None = None
        self.arrival: asyncio.Future[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.pieces.append(data)
        self.unread += len(data)
        if self.unread > MAX_UNREAD:
            self.transport.pause_reading()
        self.wake()

    def eof_received(self) -> None:
        self.has_ended = True
        self.wake()

    def connection_lost(self, error: Exception | None) -> None:
        self.has_ended, self.error = True, error
        self.wake()

    def wake(self) -> None:
        if self.arrival and not self.arrival.done():
            self.arrival.set_result(None)

    async def read(self) -> bytes:
        """Returns the next piece; empty at the end. Raises OSError if the connection broke."""
        while not self.pieces and not self.has_ended:
            self.arrival = asyncio.get_running_loop().create_future()
            await self.arrival
        if not self.pieces:
            if self.error:
                raise self.error
            return b""
        data = self.pieces.popleft()
        if self.unread > MAX_UNREAD >= self.unread - len(data):
            self.transport.resume_reading()
        self.unread -= len(data)
        return data

    def is_idle(self) -> bool:
        """Returns whether the connection is open and nothing has come without a request."""
        if self.transport is None or self.has_ended or self.pieces:
            return False
        return not is_readable(self.transport.get_extra_info("socket"))

    def close(self) -> None:
        if self.transport is not None:
            self.transport.abort()


def is_readable(sock: Any) -> bool:
    """Returns whether data or an end wait, of which the event loop has not heard yet."""
    if not hasattr(select, "poll"):  # Windows
        return bool(select.select([sock], [], [], 0)[0])
    poll = select.poll()
    poll.register(sock, select.POLLIN)
    return bool(poll.poll(0))
