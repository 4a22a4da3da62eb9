"""Runs a command and measures its wall time and peak memory."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

NOT_INHERITED = ("PYTHONDONTWRITEBYTECODE",)


@dataclass(frozen=True, slots=True)
class Measured:
    """Wall and CPU seconds, and peak resident size in MB, including finished child processes."""

    seconds: float
    cpu: float
    megabytes: float
    status: int
    output: str


def measure(
    command: Sequence[str | Path], folder: Path, env: Mapping[str, str] | None = None
) -> Measured:
    """Run `command` in `folder` to its end; `env` is added to the current environment.

    Python finds the code compiled, as after an installation.
    """
    inherited = {name: value for name, value in os.environ.items() if name not in NOT_INHERITED}
    log = folder / "output.txt"
    with log.open("wb") as out:
        start = time.perf_counter()
        process = subprocess.Popen(
            [str(part) for part in command],
            cwd=folder,
            env={**inherited, **(env or {})},
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
        )
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
    return Measured(
        seconds,
        usage.ru_utime + usage.ru_stime,
        usage.ru_maxrss / (1024**2 if sys.platform == "darwin" else 1024),
        process.returncode,
        log.read_text("utf-8", "replace"),
    )


@contextmanager
def serving(command: Sequence[str | Path]) -> Iterator[str]:
    """Run a server that prints its address when it is ready and ends when its input closes."""
    with subprocess.Popen(
        [str(part) for part in command], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.stdin.close()
            process.wait(10)
