"""A gateway that counts what it answers, and can let further requests wait without an answer."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from harness.testbed.http_server.server import serve_in_thread
from tests.support import pack_on_disk

LONG = 600.0  # seconds


@dataclass
class HeldGateway:
    """Answers `limit` requests; until `release` all further ones are left without an answer."""

    limit: int = 1_000_000
    answered: int = 0
    held: int = 0
    url: str = ""
    is_holding: threading.Event = field(default_factory=threading.Event)

    def respond(self, request: Mapping[str, Any]) -> dict[str, Any]:
        reply = pack_on_disk.CORRECT(request)
        if self.answered < self.limit:
            self.answered += 1
            return reply
        self.held += 1
        self.is_holding.set()
        return {**reply, "pauses": [LONG, *reply["pauses"][1:]]}

    def release(self) -> None:
        self.limit = 1_000_000


@contextmanager
def held_gateway(limit: int) -> Iterator[HeldGateway]:
    """Serve a gateway that answers so many requests; its `url` is a base URL."""
    gateway = HeldGateway(limit)
    with serve_in_thread(gateway.respond) as url:
        gateway.url = f"{url}/v1"
        yield gateway
