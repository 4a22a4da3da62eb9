"""The reference gateway in a process of its own, for the time of a run."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Final

from harness.testbed.keys import GATEWAY_KEY, LIMITED_GATEWAY_KEY
from harness.testbed.mock_provider.process import start_server, stop_server
from harness.util.errors import UsageError

KEYS: Final = {"key": GATEWAY_KEY, "limited": LIMITED_GATEWAY_KEY}


class ReferenceGateway:
    """Starts the gateway on a free port; it ends with `stop`, or with this process."""

    def __init__(self, arguments: Sequence[str] = ()) -> None:
        self.process = start_server("gateway", arguments)

    @cached_property
    def base_url(self) -> str:
        """The base URL, once it is ready. Raises UsageError if it does not start."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline().decode().strip()
        if not line.startswith("http"):
            self.stop()
            raise UsageError("the reference gateway did not start")
        return f"{line}/v1"

    def stop(self) -> None:
        """Close its standard input, which ends it, and wait; a second call does nothing."""
        stop_server(self.process)
