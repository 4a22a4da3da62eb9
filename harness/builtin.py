"""The builtin gateway in a process of its own, for the time of a run. Knows nothing of cases."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence

from harness.errors import UsageError

# Public on purpose: they open nothing but a gateway on loopback.
KEYS = {"key": "sk-builtin-0123456789abcdef", "limited": "sk-builtin-limited-0123456789"}


class Builtin:
    """Starts it on a free port; it ends with `stop`, or when this process does."""

    def __init__(self, arguments: Sequence[str] = ()) -> None:
        command = [sys.executable, "-m", "harness.servers.loopback", *arguments]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True
        )
        assert self.process.stdout is not None
        line = self.process.stdout.readline().strip()
        if not line.startswith("http"):
            self.stop()
            raise UsageError("the builtin gateway did not start")
        self.base_url = f"{line}/v1"

    def stop(self) -> None:
        """Closes its standard input, which ends it, and waits."""
        for stream in (self.process.stdin, self.process.stdout):
            if stream is not None:
                stream.close()
        try:
            self.process.wait(timeout=3)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
