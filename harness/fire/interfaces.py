"""Interfaces between the parts that send requests."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final, Protocol

from harness.fire.response_buffer import ResponseBuffer
from harness.model import Call, Exchange, Pairs, Shot

# Called before every attempt: waits at least the given seconds, and until the rate limit and the
# budget allow one more request. Returns False if the run is ending: nothing must be sent then.
Acquire = Callable[[float], Awaitable[bool]]
# The note of an exchange for which Acquire returned False.
STOPPED: Final = "stopped before it was sent"

SendShot = Callable[[Shot, Call], Awaitable[Exchange]]


class ResponseSink(Protocol):
    """Receives a response while it arrives. Both methods return False once the sink is closed."""

    async def send_head(self, status: int, headers: Pairs) -> bool: ...
    async def send_data(self, data: bytes) -> bool: ...


# Sends one request (method, URL, headers, body) and copies its response to a sink.
Forward = Callable[[str, str, Pairs, bytes, ResponseSink], Awaitable[ResponseBuffer]]
