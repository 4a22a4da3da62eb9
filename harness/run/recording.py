"""The transcript of a run while it is written, and the earlier part of a resumed run."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from harness.fire.alike import distinct
from harness.fire.retry import PROXY_ERRORS, RETRYABLE
from harness.model import Calibration, Exchange, Plan, Shot
from harness.plan.repetitions import repeat_plan
from harness.report.text import plural
from harness.run.merge import differences
from harness.run.transcript import TranscriptIndex, Writer
from harness.run.transcript_checks import check_header
from harness.util.errors import UsageError, damage, file_errors

EARLY: Final = 2  # exchanges that are kept until the file is open: those of the first call
NO_ANSWER: Final = ("not-sent", "unreachable", "environment")


class Recording:
    """Writes exchanges to the transcript; without a path it keeps nothing.

    Attributes:
        problem: Why the transcript could not be written to its end, or "".
        on_problem: Is called with it, so that the run stops: without a record of its answers,
            further requests would be in vain. `--resume` continues the part that is there.
    """

    def __init__(self, path: Path | None) -> None:
        self.path, self.problem = path, ""
        self.on_problem: Callable[[str], None] = lambda problem: None
        self.early: list[Exchange] = []
        self.earlier: TranscriptIndex | None = None
        self.writer: Writer | None = None

    @property
    def is_open(self) -> bool:
        return self.writer is not None

    @property
    def requests(self) -> int:
        """The requests of the run that this one continues."""
        return self.earlier.requests if self.earlier else 0

    def resume(self, header: Mapping[str, Any]) -> TranscriptIndex | None:
        """Return the transcript to continue; None if there is none. Raises UsageError."""
        assert self.path is not None
        if not self.path.is_file():
            return None
        earlier = TranscriptIndex(self.path)
        if earlier.header:
            check_header(self.path, earlier.header)
        whole = {**header, "plans": [*header["plans"]]}
        changes = changes_since(earlier.header, json.loads(json.dumps(whole)))
        with damage(self.path):
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
        return self.earlier.exchange(shot.id) if self.earlier and self.has_answer(shot) else None

    def has_answer(self, shot: Shot) -> bool:
        """Return whether `answer` has one."""
        if self.earlier is None or shot.id not in self.earlier.places:
            return False
        *_, end, status = self.earlier.places[shot.id]
        intended = shot.call.auth == "limited" or shot.call.reply or shot.call.client
        is_busy = status in (*RETRYABLE, *PROXY_ERRORS)
        return end not in NO_ANSWER and (not is_busy or bool(intended))

    def open(self, header: Mapping[str, Any]) -> None:
        """Begin the file, or continue that of the earlier run. Raises UsageError."""
        if self.path is None:
            return
        writer = Writer(self.path, self.earlier.end if self.earlier else 0)
        try:
            with file_errors("write the transcript", self.path):
                if not self.earlier:
                    writer.header(header)
                for exchange in self.early:
                    writer.exchange(exchange)
        except UsageError:
            writer.close()
            raise
        self.writer = writer

    def add(self, exchange: Exchange) -> None:
        if self.writer and not self.problem:
            with self.stopping_on_errors():
                self.writer.exchange(exchange)
        elif not self.writer and len(self.early) < EARLY:
            self.early.append(exchange)

    @contextmanager
    def stopping_on_errors(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            if not self.problem:
                self.problem = f"cannot write {self.path}: {error.strerror}"
                self.on_problem(self.problem)

    def close(self, footer: Mapping[str, Any]) -> None:
        """End the file; a second call does nothing."""
        writer, self.writer = self.writer, None
        if writer:
            with self.stopping_on_errors(), writer:
                if not self.problem:
                    writer.footer(footer)
        if self.earlier:
            self.earlier.close()


def resumed_sentence(
    recording: Recording, plans: Iterable[Plan], repeat: int, calibrations: Iterable[Calibration]
) -> str:
    """Return how many requests of a resumed run are answered, and how many are left.

    A request that several cases send alike counts once, as it is sent.
    """
    assert recording.earlier is not None
    repeated = (repeat_plan(plan, turn) for plan in plans for turn in range(1, repeat + 1))
    planned = (plan.scripts for plan in repeated)
    tries = (each.tries.values() for each in calibrations)
    scripts = {script.id: script for some in (*planned, *tries) for script in some}.values()
    shots = {shot.id: shot for script in scripts for shot in script.shots}
    left = sum(
        not recording.has_answer(shot) for script in distinct(scripts) for shot in script.shots
    )
    answered = sum(
        name not in shots or recording.has_answer(shots[name])
        for name in recording.earlier.places.keys() - recording.earlier.copies
    )
    return f"resumed: {plural(answered, 'request is', 'requests are')} answered, {left:,} left"


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
