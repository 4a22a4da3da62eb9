"""The transcript of a run while it is written, and the earlier part of a resumed run."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from harness.fire.retry import RETRYABLE
from harness.model import Exchange, Shot
from harness.run.merge import differences
from harness.run.transcript import TranscriptIndex, Writer
from harness.util.errors import UsageError

EARLY: Final = 2  # exchanges that are kept until the file is open: those of the first call
NO_ANSWER: Final = ("not-sent", "unreachable", "environment")


class Recording:
    """Writes exchanges to the transcript; without a path it keeps nothing."""

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self.early: list[Exchange] = []
        self.earlier: TranscriptIndex | None = None
        self.writer: Writer | None = None

    def resume(self, header: Mapping[str, Any]) -> TranscriptIndex | None:
        """Return the transcript to continue; None if there is none. Raises UsageError."""
        assert self.path is not None
        if not self.path.is_file():
            return None
        earlier = TranscriptIndex(self.path)
        changes = changes_since(earlier.header, json.loads(json.dumps(header)))
        change = next(changes, "") if earlier.header else ""
        if change or not earlier.header:
            earlier.close()
        if change:
            raise UsageError(
                f"--resume: {change} than in {self.path}: leave out --resume to begin a new run"
            )
        self.earlier = earlier if earlier.header else None
        return self.earlier

    def answer(self, shot: Shot) -> Exchange | None:
        """Return the shot's earlier exchange, unless it must be sent again.

        Requests without an answer are sent again, and those that were rejected for the rate limit,
        if that is not what their case tests.
        """
        exchange = self.earlier.exchange(shot.id) if self.earlier else None
        if exchange is None or exchange.end in NO_ANSWER:
            return None
        intended = shot.call.auth == "limited" or shot.call.reply or shot.call.client
        return None if exchange.status in RETRYABLE and not intended else exchange

    def open(self, header: Mapping[str, Any]) -> None:
        """Begin the file, or continue that of the earlier run. Raises UsageError."""
        if self.path is None:
            return
        self.writer = Writer(self.path, self.earlier.end if self.earlier else 0)
        if not self.earlier:
            self.writer.header(header)
        for exchange in self.early:
            self.writer.exchange(exchange)

    def add(self, exchange: Exchange) -> None:
        if self.writer:
            self.writer.exchange(exchange)
        elif len(self.early) < EARLY:
            self.early.append(exchange)

    def close(self, footer: Mapping[str, Any]) -> None:
        """End the file; a second call does nothing."""
        writer, self.writer = self.writer, None
        if writer:
            with writer:
                writer.footer(footer)
        if self.earlier:
            self.earlier.close()


def changes_since(before: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[str]:
    """Yield the differences between the headers that make it another run."""
    digests = {pack["id"]: pack["digest"] for pack in before["packs"]}
    for pack in now["packs"]:
        if digests.get(pack["id"], pack["digest"]) != pack["digest"]:
            yield f"the pack {pack['id']} is another"
    yield from (f"the {part} is another" for part in differences(before, now))
    if shard(before) != shard(now):
        yield "the shard is another"
    if before["plans"] != now["plans"]:
        yield "the requests are others"


def shard(header: Mapping[str, Any]) -> Any:
    return (header["run"]["selection"] or {}).get("shard")
