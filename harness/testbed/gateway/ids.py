"""Deterministic ids and timestamps of responses, derived from the request.

A new gateway that receives the same sequence of requests gives the same ids, and no two requests
share an id. Must not use random numbers or the clock, because exchanges must be reproducible.
"""

from __future__ import annotations

import base64
import hashlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from threading import Lock
from typing import Any

KEY_HEADERS = ("authorization", "x-api-key")


@dataclass(frozen=True, slots=True)
class ResponseIds:
    """The ids of one response, all derived from one SHA-256 digest."""

    digest: str

    @property
    def completion_id(self) -> str:
        return f"chatcmpl-{self.digest[:24]}"

    @property
    def request_id(self) -> str:
        return f"req_{self.digest[24:48]}"

    @property
    def created(self) -> int:
        """Unix seconds, a moment at the end of 2025."""
        return 1_760_000_000 + int(self.digest[48:54], 16) % 5_000_000

    @property
    def message_id(self) -> str:
        return f"msg_{self.digest[:24]}"

    @property
    def signature(self) -> str:
        """The signature of a thinking block."""
        return base64.b64encode(bytes.fromhex(self.digest) * 2).decode()

    def call_id(self, number: int, prefix: str = "call") -> str:
        return f"{prefix}_{hashlib.sha256(f'{self.digest} {number}'.encode()).hexdigest()[:24]}"


class IdGenerator:
    """Creates the ids of a response. Counts identical requests, so that each gets its own ids."""

    def __init__(self) -> None:
        self._counts: Counter[bytes] = Counter()
        self._lock = Lock()

    def ids_for(self, request: Mapping[str, Any]) -> ResponseIds:
        auth = [value for name, value in request["headers"] if name.lower() in KEY_HEADERS]
        head = "\0".join([request["method"], request["path"], *auth, ""])
        first = hashlib.sha256(head.encode("utf-8", "replace") + request["body"]).digest()
        with self._lock:
            self._counts[first] += 1
            count = self._counts[first]
        return ResponseIds(hashlib.sha256(first + b" %d" % count).hexdigest())
