"""An upstream in a process of its own, with the same verbs. May not know what it plays.

So neither of them waits for the other's Python, and times of arrival are not falsified.
"""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import Any, Self

from harness.testbed.mock_provider.control import arrivals
from harness.testbed.mock_provider.recording import Arrival, Script

HOME = Path(__file__).resolve().parents[3]
# Not `-m`: that would look in the current folder first, where anybody's json.py may lie.
SERVE = """
import sys
home = sys.argv.pop(1)
if home not in sys.path:
    sys.path.insert(0, home)
from harness.testbed.mock_provider.__main__ import main
sys.exit(main())
"""


class UpstreamProcess:
    """Listens on `host` and `port`; 0 takes a free one. Ends with `close`, or with this process."""

    def __init__(self, host: str = "127.0.0.1", port: int = 0) -> None:
        where = ["--host", host, "--port", str(port), "--control"]
        self._lock = Lock()
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-c", SERVE, str(HOME), *where],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,  # Ctrl-C is for us: it goes on until what is under way has come
        )

    @cached_property
    def url(self) -> str:
        """Waits until it is ready. Raises OSError where it cannot listen there."""
        assert self._process.stdout is not None
        assert self._process.stderr is not None
        line = self._process.stdout.readline().decode().strip()
        if not line.startswith("http"):
            why = self._process.stderr.read().decode().strip()
            self.close()
            raise OSError(why or "the upstream did not start")
        return line

    def expect(self, mark: str, reply: Script | None) -> None:
        """Raises ValueError where the reply cannot be played."""
        self._ask({"expect": [mark, reply]})

    def taken(self, mark: str) -> list[Arrival]:
        return arrivals(self._ask({"taken": mark}))

    def strays(self) -> list[Arrival]:
        return arrivals(self._ask({"strays": None}))

    def close(self) -> None:
        """May be called twice."""
        for pipe in (self._process.stdin, self._process.stdout, self._process.stderr):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()
        try:
            self._process.wait(timeout=3)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _ask(self, question: dict[str, Any]) -> Any:
        """One line there, one line back. Raises OSError where nobody answers any more."""
        assert self.url
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with self._lock:
            self._process.stdin.write(json.dumps(question).encode() + b"\n")
            self._process.stdin.flush()
            line = self._process.stdout.readline()
        if not line:
            raise OSError("the upstream has ended")
        told = json.loads(line)
        if "wrong" in told:
            raise ValueError(told["wrong"])
        return told["told"]
