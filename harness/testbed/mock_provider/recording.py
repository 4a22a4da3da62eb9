"""Request -> what is kept of it, under its mark. May not answer, and judges nothing.

A mark is open from `expect` until `taken`. What arrives without an open mark is a stray.
"""

from __future__ import annotations

from collections.abc import Mapping
from threading import Lock
from typing import Any

from harness.testbed.mock_provider import correlation

Arrival = dict[str, Any]
Script = Mapping[str, Any]


class Record:
    """May be written by one thread and read by another."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._scripts: dict[str, Script | None] = {}
        self._arrived: dict[str, list[Arrival]] = {}
        self._strays: list[Arrival] = []

    def expect(self, mark: str, script: Script | None) -> None:
        """Opens a mark, and says how to answer what bears it. An empty one is for the unmarked."""
        with self._lock:
            mark = correlation.digits(mark)
            self._scripts[mark] = script
            if mark:
                self._arrived.setdefault(mark, [])

    def arrive(self, request: Mapping[str, Any], protocol: str) -> tuple[Arrival, Script | None]:
        """Keeps a request; its status is told later. Returns what was told to answer it with."""
        mark = correlation.found(request["body"])
        arrival = {
            "method": request["method"],
            "path": request["path"],
            "headers": list(request["headers"]),
            "body": request["body"].decode("utf-8", "replace"),
            "status": 0,
            "protocol": protocol,
        }
        with self._lock:
            self._arrived.get(mark, self._strays).append(arrival)
            return arrival, self._scripts.get(mark)

    def taken(self, mark: str) -> list[Arrival]:
        """What arrived with this mark, in order. Closes it: nothing more is expected."""
        with self._lock:
            mark = correlation.digits(mark)
            self._scripts.pop(mark, None)
            return self._arrived.pop(mark, [])

    def strays(self) -> list[Arrival]:
        """What arrived without an open mark since this was last asked."""
        with self._lock:
            found, self._strays = self._strays, []
            return found
