"""Runs a unit in a process of its own, and continues it if that process is killed."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from harness.fleet.records import JUDGED, OUTPUT, TRANSCRIPT, Record
from harness.util.environment import copy_environment
from harness.util.file_access import MIB, read_bytes
from harness.util.interruption import EXIT_CODE as INTERRUPTED

NO_PROJECT_FILE: Final = {"HARNESS_PROJECT_FILE": "none"}  # the fleet file has all options
INTERVAL: Final = 0.25  # seconds between two readings of the transcript
TO_END: Final = 30.0  # seconds for an interrupted run to write its reports
ERROR: Final = "ERROR: "
FOOTER: Final = b'{"footer"'


@dataclass(slots=True)
class TranscriptTail:
    """Reads the whole lines that were added to a transcript; a footer is never one of them."""

    path: Path
    position: int = 0
    lines: int = field(default=0)

    def read(self) -> bytes:
        """Return the lines since the last call, or b"" if there is none."""
        try:
            with self.path.open("rb") as file:
                file.seek(self.position)
                data = file.read()
        except OSError:
            return b""
        data = data[: data.rfind(b"\n") + 1]
        footer = data.rfind(b"\n", 0, -1) + 1
        if data.startswith(FOOTER, footer):
            data = data[:footer]
        self.position += len(data)
        self.lines += data.count(b"\n")
        return data


@dataclass(slots=True)
class Watch:
    """The functions of a caller that are called while a unit runs.

    Attributes:
        on_lines: Is called with new lines of the transcript, and the number of all its lines.
        is_stopped: Whether the unit must be interrupted.
    """

    on_lines: Callable[[bytes, int], None] = lambda data, lines: None
    is_stopped: Callable[[], bool] = lambda: False


def run_unit(
    unit: str, words: Sequence[str], out: Path, cwd: Path, retries: int, watch: Watch
) -> Record:
    """Run a unit to its end, and continue it up to `retries` times if its process is killed.

    Args:
        words: The arguments of `harness run`, without --out.
        out: The folder of its reports; a transcript in it is continued.
        cwd: The folder that the paths among the words are relative to.
    """
    start, code, attempts = time.monotonic(), INTERRUPTED, 0
    out.mkdir(parents=True, exist_ok=True)
    tail = TranscriptTail(out / TRANSCRIPT)
    tail.read()
    while attempts <= retries and was_killed(code) and not watch.is_stopped():
        attempts += 1
        code = run_once(words, out, cwd, tail, watch)
    seconds = round(time.monotonic() - start, 3)
    problem = problem_of(code, out / OUTPUT) if attempts else "it was not started"
    return Record(unit, code, seconds, attempts, problem)


def problem_of(code: int, output: Path) -> str:
    """Return why a run has no result, or "" if it has one."""
    if code in JUDGED:
        return ""
    return f"its process was killed by signal {-code}" if code < 0 else last_error(output)


def was_killed(code: int) -> bool:
    """Whether a run was ended from outside, by a signal that it could handle or not."""
    return code < 0 or code == INTERRUPTED


def run_once(words: Sequence[str], out: Path, cwd: Path, tail: TranscriptTail, watch: Watch) -> int:
    """Run the command, or continue its run. Returns its exit code."""
    command = [sys.executable, "-m", "harness.fleet.child", "run", *words, "--out", str(out)]
    command += ["--quiet", *(["--resume"] if (out / TRANSCRIPT).exists() else [])]
    environment = copy_environment() | NO_PROJECT_FILE
    with (out / OUTPUT).open("wb") as output:
        process = subprocess.Popen(
            command,
            cwd=cwd,
            env=environment,
            stdin=subprocess.PIPE,  # its end tells the process that this one has ended
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    with process:
        try:
            while process.poll() is None and not watch.is_stopped():
                with suppress(subprocess.TimeoutExpired):
                    process.wait(INTERVAL)
                if data := tail.read():
                    watch.on_lines(data, tail.lines)
        finally:
            end(process)
    return process.returncode


def end(process: subprocess.Popen[bytes]) -> None:
    """Interrupt a process that still runs, which then writes its reports."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(TO_END)
        except subprocess.TimeoutExpired:
            process.kill()


def last_error(path: Path) -> str:
    """Return the last error that a run printed, or else its last line."""
    try:
        text = read_bytes(path, MIB).decode("utf-8", "replace")
    except OSError:
        return ""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    errors = [line.removeprefix(ERROR) for line in lines if line.startswith(ERROR)]
    return (errors or lines or [""])[-1]
