"""The transcript of a run while it is written, and the earlier part of a resumed run."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from harness.model import Exchange, Shot
from harness.run.resume import difference, reusable_answer
from harness.run.transcript import TranscriptIndex, Writer
from harness.util.errors import UsageError

EARLY: Final = 2  # exchanges that are kept until the file is open: those of the first call


class Recording:
    """Writes exchanges to the transcript; without a path it keeps nothing."""

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self.early: list[Exchange] = []
        self.earlier: TranscriptIndex | None = None
        self.writer: Writer | None = None

    @property
    def is_open(self) -> bool:
        return self.writer is not None

    def resume(self, header: Mapping[str, Any]) -> TranscriptIndex | None:
        """Return the transcript to continue; None if there is none.

        Raises:
            UsageError: The transcript is that of another run.
        """
        assert self.path is not None
        earlier = TranscriptIndex(self.path) if self.path.is_file() else None
        if earlier is None or not earlier.header:
            if earlier:
                earlier.close()
            return None
        found = difference(earlier.header, json.loads(json.dumps(header)))
        if found:
            earlier.close()
            raise UsageError(
                f"--resume: {found} than in {self.path}: leave out --resume to begin a new run"
            )
        self.earlier = earlier
        return earlier

    def answer(self, shot: Shot) -> Exchange | None:
        """Return the exchange of the earlier run that need not be repeated."""
        return reusable_answer(shot, self.earlier) if self.earlier else None

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
