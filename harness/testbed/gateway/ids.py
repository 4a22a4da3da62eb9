"""Request -> ids and a time of its own. May not use chance or the clock.

The same sequence of requests gives the same seals on every fresh gateway, and no two are alike.
"""

from __future__ import annotations

import base64
import hashlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from threading import Lock
from typing import Any

KEYS = ("authorization", "x-api-key")


@dataclass(frozen=True, slots=True)
class Seal:
    digest: str

    @property
    def completion_id(self) -> str:
        return f"chatcmpl-{self.digest[:24]}"

    @property
    def request_id(self) -> str:
        return f"req_{self.digest[24:48]}"

    @property
    def created(self) -> int:
        """Unix seconds, some day at the end of 2025."""
        return 1_760_000_000 + int(self.digest[48:54], 16) % 5_000_000

    @property
    def message_id(self) -> str:
        return f"msg_{self.digest[:24]}"

    @property
    def signature(self) -> str:
        """What a block of thinking is signed with."""
        return base64.b64encode(bytes.fromhex(self.digest) * 2).decode()

    def call_id(self, number: int, prefix: str = "call") -> str:
        return f"{prefix}_{hashlib.sha256(f'{self.digest} {number}'.encode()).hexdigest()[:24]}"


class IdGenerator:
    """Counts identical requests, so that a repeated one gets ids of its own."""

    def __init__(self) -> None:
        self._seen: Counter[bytes] = Counter()
        self._lock = Lock()

    def seal(self, request: Mapping[str, Any]) -> Seal:
        auth = [value for name, value in request["headers"] if name.lower() in KEYS]
        head = "\0".join([request["method"], request["path"], *auth, ""])
        first = hashlib.sha256(head.encode("utf-8", "replace") + request["body"]).digest()
        with self._lock:
            self._seen[first] += 1
            count = self._seen[first]
        return Seal(hashlib.sha256(first + b" %d" % count).hexdigest())
