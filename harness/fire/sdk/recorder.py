"""What one job's requests and answers were -> plain data, as evidence. May not hold a key.

The SDK has a placeholder for a key. What the target says of the key itself is hidden here before
anything is cut, and once more with the whole exchange.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final, Protocol

from harness.fire.sdk.key_placeholders import label
from harness.model import End, Json, Pairs

LONGEST: Final = 200_000  # characters of one body
TOTAL: Final = 4_000_000  # and of all of a job's
LAST: Final = 2.0  # seconds for what the SDK has left behind
EARLY: Final = 0.1  # seconds that two clocks and a rounding may differ by
MOST: Final = 200  # requests of one job


class Taken(Protocol):
    """What came of a request that was passed on."""

    status: int | None
    headers: Pairs
    end: End
    note: str

    def chunks(self) -> tuple[tuple[float, bytes], ...]: ...


@dataclass(slots=True)
class TrafficRecorder:
    """`keys`: placeholder -> key; `gate` holds requests back; `hide` blacks secrets out.

    `trouble` is set when the job cannot go on: (how it ended, why).
    """

    keys: Mapping[str, str]
    extra: Pairs
    gate: Callable[[float], Awaitable[bool]]
    hide: Callable[[str], str]
    stop: Callable[[], None]
    clock: Callable[[], float] = time.monotonic
    wire: list[dict[str, Json]] = field(default_factory=list)
    trouble: tuple[End, str] | None = None
    held: float = 0.0
    size: int = 0
    began: float = 0.0
    open: int = 0
    quiet: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.began = self.clock()
        self.quiet.set()

    async def may(self) -> bool:
        """Waits for the run's limits, which is not the job's time; False when it must not go on."""
        if len(self.wire) >= MOST:
            self.ends("too-large", f"the SDK sent more than {MOST} requests")
        if self.trouble is not None:
            return False
        since = self.clock()
        allowed = await self.gate(0.0)
        self.held += self.clock() - since
        if not allowed:
            self.ends("not-sent", "stopped before it was sent")
        return allowed

    def ends(self, end: End, why: str) -> None:
        self.trouble = self.trouble or (end, why)
        self.stop()

    def asks(
        self, method: str, path: str, url: str, headers: Pairs, body: bytes
    ) -> dict[str, Json]:
        """Writes a request down; the entry is complete when `answered`."""
        entry: dict[str, Json] = {
            "request": {
                "method": method,
                "path": self.hide(path),
                "url": self.hide(url),
                "headers": self.headers(headers),
                **self.body(body, headers),
            },
            "answer": {"status": None},
            "at": round(self.clock() - self.began, 3),
            "seconds": 0.0,
        }
        self.wire.append(entry)
        self.open += 1
        self.quiet.clear()
        return entry

    def over(self) -> None:
        """One request more is under way no longer; `quiet` is set when none is."""
        self.open -= 1
        if not self.open:
            self.quiet.set()

    async def settle(self) -> None:
        """An SDK may have its answer before it is written down here that it has."""
        with suppress(TimeoutError):
            async with asyncio.timeout(LAST):
                await self.quiet.wait()

    def answered(self, entry: dict[str, Json], taken: Taken) -> None:
        whole = b"".join(piece for _, piece in taken.chunks())
        answer = {
            "status": taken.status,
            "headers": self.headers(taken.headers),
            **self.body(whole, taken.headers),
        }
        if taken.end != "complete":
            answer |= {"end": taken.end, "note": self.hide(taken.note)}
        entry["answer"] = answer
        entry["seconds"] = round(self.clock() - self.began - entry["at"], 3)

    @property
    def uses(self) -> set[str]:
        """Which keys the job has."""
        return {label(placeholder) for placeholder in self.keys}

    def headers(self, pairs: Pairs) -> dict[str, str]:
        """One that was sent twice stands here once, with a comma, as HTTP has it."""
        joined: dict[str, str] = {}
        for name, value in pairs:
            known, shown = name.lower(), self.named(self.hide(value))
            joined[known] = f"{joined[known]}, {shown}" if known in joined else shown
        return joined

    def named(self, text: str) -> str:
        """A placeholder tells which key it stands for."""
        for placeholder in self.keys:
            text = text.replace(placeholder, f"[key:{label(placeholder)}]")
        return text

    def body(self, data: bytes, headers: Pairs) -> dict[str, Json]:
        """As JSON where it is, else as text, a stream line by line; nothing where there is none."""
        if not data:
            return {}
        text = self.named(self.hide(data.decode("utf-8", "replace")))
        self.size += len(text)
        if self.size > TOTAL:
            return {"text": f"({len(data)} bytes, not kept)"}
        if len(text) > LONGEST:
            return {"text": f"{text[:LONGEST]}…", "cut": True}
        kind = next((v for k, v in headers if k.lower() == "content-type"), "")
        if "json" in kind.lower():
            try:
                return {"body": json.loads(text)}
            except ValueError:
                pass
        return {"lines": text.splitlines()} if "event-stream" in kind else {"text": text}

    def waits(self) -> list[dict[str, Json]]:
        """How long each 429 asked to wait, and how long the SDK waited until it asked again."""
        return [
            waited(earlier, later)
            for earlier, later in zip(self.wire, self.wire[1:], strict=False)
            if earlier["answer"]["status"] == 429 and again(earlier, later)
        ]


def waited(earlier: Mapping[str, Json], later: Mapping[str, Json]) -> dict[str, Json]:
    asked = earlier["answer"]["headers"].get("retry-after")
    seconds = round(later["at"] - earlier["at"] - earlier["seconds"], 3)
    try:
        installed_path = asked is not None and seconds >= float(asked) - EARLY
    except ValueError:  # a date, which is compared by nobody here
        installed_path = True
    return {"asked": asked, "waited": seconds, "kept": installed_path}


def again(earlier: Mapping[str, Json], later: Mapping[str, Json]) -> bool:
    """Whether the same was asked once more."""
    return all(earlier["request"].get(k) == later["request"].get(k) for k in ("path", "body"))
