"""Records the requests that arrive at the mock provider, grouped by correlation id.

A correlation id is open from `expect` until `take`. A request without an open one is a stray.
A gateway can send more than fits into memory. Only the first requests of an id, and the first
strays, are kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from threading import Lock
from typing import Any

from harness.testbed.mock_provider import correlation

Arrival = dict[str, Any]
Script = Mapping[str, Any]
REQUESTS, CHARACTERS = 1_000, 4 * 2**20  # of one id, or of the strays


class Arrivals(list[Arrival]):
    """The first requests with the same id. Later ones have no body if the bodies are large."""

    size = 0

    def add(self, arrival: Arrival) -> None:
        if self.size > CHARACTERS or len(arrival["body"]) > CHARACTERS:
            arrival["body"] = ""
        self.size += len(arrival["body"])
        if len(self) < REQUESTS:
            self.append(arrival)


class Record:
    """The recorded requests. Thread-safe."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._scripts: dict[str, Script | None] = {}
        self._arrivals: dict[str, Arrivals] = {}
        self._strays = Arrivals()

    def expect(self, correlation_id: str, script: Script | None) -> None:
        """Opens a correlation id and sets the script of its replies.

        The script of the empty id is for requests without one.
        """
        with self._lock:
            digits = correlation.digits(correlation_id)
            self._scripts[digits] = script
            if digits:
                self._arrivals.setdefault(digits, Arrivals())

    def arrive(
        self, request: Mapping[str, Any], protocol: str, keep: bool = True
    ) -> tuple[Arrival, Script | None]:
        """Records a request, whose status is set later, and returns the script of its reply."""
        digits = correlation.find(request["body"])
        arrival = {
            "method": request["method"],
            "path": request["path"],
            "headers": list(request["headers"]),
            "body": request["body"].decode("utf-8", "replace"),
            "status": 0,
            "refusal": "",
            "protocol": protocol,
        }
        with self._lock:
            if keep:
                self._arrivals.get(digits, self._strays).add(arrival)
            return arrival, self._scripts.get(digits)

    def take(self, correlation_id: str) -> list[Arrival]:
        """Returns the requests with this correlation id, in order, and closes it."""
        with self._lock:
            digits = correlation.digits(correlation_id)
            self._scripts.pop(digits, None)
            return self._arrivals.pop(digits, [])

    def strays(self) -> list[Arrival]:
        """Returns the strays since the last call."""
        with self._lock:
            strays, self._strays = self._strays, Arrivals()
            return strays
