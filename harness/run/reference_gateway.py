"""The reference gateway in a process of its own, for the time of a run."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from functools import cached_property
from typing import Final

from harness.testbed.keys import GATEWAY_KEY, LIMITED_GATEWAY_KEY
from harness.util import paths
from harness.util.errors import UsageError

KEYS: Final = {"key": GATEWAY_KEY, "limited": LIMITED_GATEWAY_KEY}
# Not `-m`, which looks in the current folder first: a json.py there would be imported.
SERVE: Final = """
import sys
home = sys.argv.pop(1)
if home not in sys.path:
    sys.path.insert(0, home)
from harness.testbed.gateway.__main__ import main
sys.exit(main())
"""


class ReferenceGateway:
    """Starts the gateway on a free port; it ends with `stop`, or with this process."""

    def __init__(self, arguments: Sequence[str] = ()) -> None:
        home = str(paths.HARNESS.parent)
        self.process = subprocess.Popen(
            [sys.executable, "-P", "-c", SERVE, home, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,  # Ctrl-C must not end it before open requests are answered
        )

    @cached_property
    def base_url(self) -> str:
        """The base URL, once it is ready. Raises UsageError if it does not start."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline().strip()
        if not line.startswith("http"):
            self.stop()
            raise UsageError("the reference gateway did not start")
        return f"{line}/v1"

    def stop(self) -> None:
        """Close its standard input, which ends it, and wait; a second call does nothing."""
        for stream in (self.process.stdin, self.process.stdout):
            if stream is not None:
                with suppress(OSError):
                    stream.close()
        try:
            self.process.wait(timeout=3)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
