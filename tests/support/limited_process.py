"""Runs the command line in processes with limits, and measures their time and memory.

A process that has loaded the harness forks for each run, which is quicker than a new start.
"""

from __future__ import annotations

import contextlib
import json
import os
import resource
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
ADDRESS_SPACE = 3 * 2**30  # bytes; protects the machine, while tests compare the resident memory


@dataclass(frozen=True)
class LimitedResult:
    """The end of a run and its output, with its wall time in seconds and its peak memory in MB."""

    code: int
    out: str
    err: str
    seconds: float
    megabytes: float


class Launcher:
    """Starts runs one after the other."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.limited_process"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )

    def run(
        self, folder: Path, *words: str | Path, env: Mapping[str, str], seconds: int = 60
    ) -> LimitedResult:
        """Run `harness` in a folder; it is ended after so many seconds, with the code -9."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        order = {"folder": str(folder), "words": [*map(str, words)], "env": dict(env)}
        self.process.stdin.write(json.dumps({**order, "seconds": seconds}) + "\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline())
        out, err = ((folder / name).read_text("utf-8") for name in ("stdout", "stderr"))
        return LimitedResult(answer["code"], out, err, answer["wall"], answer["megabytes"])


@contextlib.contextmanager
def launcher() -> Iterator[Launcher]:
    """Give a launcher for the time of the block."""
    running = Launcher()
    try:
        yield running
    finally:
        with running.process as process:
            process.kill()


def execute(order: Mapping[str, Any]) -> int:
    """Run the command in this process, a fork of the launcher."""
    from harness.__main__ import start

    os.setsid()
    os.chdir(order["folder"])
    os.environ.update(order["env"])
    for number, name in ((1, "stdout"), (2, "stderr")):
        file = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        os.dup2(file, number)
    with open(os.devnull, "rb") as nothing:
        os.dup2(nothing.fileno(), 0)
    resource.setrlimit(resource.RLIMIT_CPU, (order["seconds"], order["seconds"]))
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE))
    sys.argv = ["harness", *order["words"]]
    try:
        start()
    except SystemExit as end:
        sys.stdout.flush()
        sys.stderr.flush()
        return int(end.code or 0)
    return 0


def supervise(child: int, seconds: float) -> dict[str, Any]:
    """Wait for a child, end it when its time is over, and measure it."""
    start = time.monotonic()
    descriptor = os.pidfd_open(child)
    ready, _, _ = select.select([descriptor], [], [], seconds)
    os.close(descriptor)
    if not ready:
        os.kill(child, signal.SIGKILL)
    _, status, usage = os.wait4(child, 0)
    code = os.waitstatus_to_exitcode(status)
    wall = time.monotonic() - start
    return {"code": code, "wall": wall, "megabytes": usage.ru_maxrss / 1024}


def serve() -> None:
    """Fork for every line of the standard input."""
    import harness.cli
    import harness.plugin
    import harness.run.session  # noqa: F401

    for line in sys.stdin:
        order = json.loads(line)
        child = os.fork()
        if child == 0:
            code = 3
            try:
                code = execute(order)
            finally:
                os._exit(code)
        print(json.dumps(supervise(child, order["seconds"])), flush=True)


if __name__ == "__main__":
    serve()
