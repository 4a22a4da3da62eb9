"""Records the requests and responses of one job, without secrets, as evidence.

The SDK has a placeholder instead of a key. A key that the target repeats is hidden here before
anything is cut, and once more with the whole exchange.
"""

from __future__ import annotations

import asyncio
import json
import math
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

from harness.fire.interfaces import STOPPED, Acquire
from harness.fire.response_buffer import ResponseBuffer
from harness.model import End, Json, NotSentReason, Pairs
from harness.util import media_type

MAX_BODY: Final = 200_000  # characters of one body
MAX_TOTAL: Final = 4_000_000  # characters of all bodies of a job
MAX_REQUESTS: Final = 200  # of one job
IDLE_TIMEOUT: Final = 2.0  # seconds to wait for responses that the SDK has not read to the end
CLOCK_TOLERANCE: Final = 0.1  # seconds by which a pause may be too short: rounding, two clocks


@dataclass(slots=True)
class TrafficRecorder:
    """The traffic of one job. `redact` hides the secrets of the run in a text."""

    placeholder: str  # the SDK uses it as its key
    key: str  # the proxy sends it in place of the placeholder
    key_label: str
    extra_headers: Pairs  # the target needs them in every request
    acquire: Acquire
    redact: Callable[[str], str]
    entries: list[dict[str, Json]] = field(default_factory=list)
    # How and why the job ended if it cannot go on: end, note, and reason of the exchange.
    failure: tuple[End, str, NotSentReason] | None = None
    failed: asyncio.Event = field(default_factory=asyncio.Event)
    limit_delay: float = 0.0  # seconds that the run's limits held the job back
    size: int = 0
    start: float = field(default_factory=time.monotonic)
    in_flight: int = 0
    idle: asyncio.Event = field(default_factory=asyncio.Event)

    async def admit(self) -> bool:
        """Waits for the limits of the run; False if the job must not send another request."""
        if len(self.entries) >= MAX_REQUESTS:
            self.fail("too-large", f"the SDK sent more than {MAX_REQUESTS} requests")
        if self.failure is not None:
            return False
        start = time.monotonic()
        allowed = await self.acquire(0.0)
        self.limit_delay += time.monotonic() - start
        if not allowed:
            self.fail("not-sent", STOPPED, "stopped")
        return allowed

    def fail(self, end: End, note: str, reason: NotSentReason = "") -> None:
        """Ends the job. The first failure counts."""
        self.failure = self.failure or (end, note, reason)
        self.failed.set()

    def record_request(
        self, method: str, path: str, url: str, headers: Pairs, body: bytes
    ) -> dict[str, Json]:
        """Records a request; returns its entry, which `record_response` completes."""
        entry: dict[str, Json] = {
            "request": {
                "method": method,
                "path": self.redact(path),
                "url": self.redact(url),
                "headers": self._headers(headers),
                **self._body(body, headers),
            },
            "answer": {"status": None},
            "at": round(time.monotonic() - self.start, 3),
            "seconds": 0.0,
        }
        self.entries.append(entry)
        self.in_flight += 1
        self.idle.clear()
        return entry

    def record_response(self, entry: dict[str, Json], response: ResponseBuffer) -> None:
        body = b"".join(piece for _, piece in response.chunks())
        answer = {
            "status": response.status,
            "headers": self._headers(response.headers),
            **self._body(body, response.headers),
        }
        if response.end != "complete":
            answer |= {"end": response.end, "note": self.redact(response.note)}
        entry["answer"] = answer
        entry["seconds"] = round(time.monotonic() - self.start - entry["at"], 3)

    def finish_request(self) -> None:
        self.in_flight -= 1
        if not self.in_flight:
            self.idle.set()

    async def wait_until_idle(self) -> None:
        """Waits for open responses: an SDK can reply before its last response is recorded."""
        with suppress(TimeoutError):
            async with asyncio.timeout(IDLE_TIMEOUT):
                while self.in_flight:
                    await self.idle.wait()

    def hide_placeholder(self, text: str) -> str:
        return text.replace(self.placeholder, f"[key:{self.key_label}]")

    def _clean(self, text: str) -> str:
        return self.hide_placeholder(self.redact(text))

    def _headers(self, pairs: Pairs) -> dict[str, str]:
        """Returns headers by name; repeated ones are joined by a comma, as HTTP defines it."""
        values: dict[str, list[str]] = {}
        for name, value in pairs:
            values.setdefault(name.lower(), []).append(self._clean(value))
        return {name: ", ".join(texts) for name, texts in values.items()}

    def _body(self, data: bytes, headers: Pairs) -> dict[str, Json]:
        """Returns a body as JSON, as the lines of a stream, or as text; {} if it is empty."""
        if not data:
            return {}
        text = self._clean(data.decode("utf-8", "replace"))
        self.size += len(text)
        if self.size > MAX_TOTAL:
            return {"text": f"({len(data)} bytes, not kept)"}
        if len(text) > MAX_BODY:
            return {"text": f"{text[:MAX_BODY]}…", "cut": True}
        kind = media_type.first_of(headers)
        if "json" in kind:
            with suppress(ValueError, RecursionError):
                return {"body": json.loads(text)}
        return {"lines": text.splitlines()} if kind == media_type.EVENT_STREAM else {"text": text}

    def retry_pauses(self) -> list[dict[str, Json]]:
        """Returns the pause that each 429 asked for, and the pause that the SDK made."""
        return [
            retry_pause(earlier, later)
            for earlier, later in pairwise(self.entries)
            if earlier["answer"]["status"] == 429
            and earlier["request"]["path"] == later["request"]["path"]
            and earlier["request"].get("body") == later["request"].get("body")
        ]


def retry_pause(earlier: Mapping[str, Json], later: Mapping[str, Json]) -> dict[str, Json]:
    """Returns the `asked` and the `waited` seconds, and whether the pause was `kept`."""
    requested = earlier["answer"].get("headers", {}).get("retry-after")
    seconds = round(later["at"] - earlier["at"] - earlier["seconds"], 3)
    try:
        least = float(requested or "inf") - CLOCK_TOLERANCE
    except ValueError:  # a date, to which the pause is not compared
        least = 0.0
    kept = requested is not None and (seconds >= least or not math.isfinite(least))
    return {"asked": requested, "waited": seconds, "kept": kept}
