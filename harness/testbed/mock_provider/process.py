"""Runs the mock provider in a separate process.

The harness and the provider do not share a Python interpreter lock, so arrival times are accurate.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import Any, Self

from harness.testbed.mock_provider.control import parse_arrivals
from harness.testbed.mock_provider.recording import Arrival, Script

HOME = Path(__file__).resolve().parents[3]
# Not `-m`, because it would import modules such as json.py from the current folder first.
SERVE = """
import importlib, sys
home, package = sys.argv.pop(1), sys.argv.pop(1)
if home not in sys.path:
    sys.path.insert(0, home)
sys.exit(importlib.import_module(package + ".__main__").main())
"""


def start_server(
    package: str, arguments: Sequence[str], stderr: int | None = None
) -> subprocess.Popen[bytes]:
    """Start a server of the testbed, which ends with its standard input."""
    return subprocess.Popen(
        [sys.executable, "-P", "-c", SERVE, str(HOME), f"harness.testbed.{package}", *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=stderr,
        # Ctrl-C is handled by this process, which waits for requests in flight.
        start_new_session=True,
    )


def stop_server(process: subprocess.Popen[bytes]) -> None:
    """Close the pipes and wait for the end. May be called more than once."""
    for pipe in (process.stdin, process.stdout, process.stderr):
        if pipe is not None:
            with suppress(OSError):
                pipe.close()
    try:
        process.wait(timeout=3)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


class UpstreamProcess:
    """A mock provider process with the methods of `Upstream`.

    It listens on `host` and `port`; port 0 selects a free one. It ends with `close` or with this
    process.
    """

    def __init__(self, host: str = "127.0.0.1", port: int = 0) -> None:
        where = ["--host", host, "--port", str(port), "--control"]
        self._lock = Lock()
        self._process = start_server("mock_provider", where, subprocess.PIPE)

    @cached_property
    def url(self) -> str:
        """Waits until the provider is ready. Raises OSError if it cannot listen on the address."""
        assert self._process.stdout is not None
        assert self._process.stderr is not None
        line = self._process.stdout.readline().decode().strip()
        if not line.startswith("http"):
            reason = self._process.stderr.read().decode().strip()
            self.close()
            raise OSError(reason or "the upstream did not start")
        return line

    def expect(self, correlation_id: str, script: Script | None) -> None:
        """Sets the reply to requests with this id. Raises ValueError if the script is invalid."""
        self._command({"expect": [correlation_id, script]})

    def take(self, correlation_id: str) -> list[Arrival]:
        return parse_arrivals(self._command({"take": correlation_id}))

    def strays(self) -> list[Arrival]:
        return parse_arrivals(self._command({"strays": None}))

    def close(self) -> None:
        """Ends the process. May be called more than once."""
        stop_server(self._process)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _command(self, command: dict[str, Any]) -> Any:
        """Sends a command line and returns its result. Raises OSError if the process has ended."""
        assert self.url
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with self._lock:
            self._process.stdin.write(json.dumps(command).encode() + b"\n")
            self._process.stdin.flush()
            line = self._process.stdout.readline()
        if not line:
            raise OSError("the upstream has ended")
        answer = json.loads(line)
        if "error" in answer:
            raise ValueError(answer["error"])
        return answer["result"]
