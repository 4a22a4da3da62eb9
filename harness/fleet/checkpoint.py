"""The answers of a unit while it runs, kept at the scheduler of a cluster.

If the worker of the unit is killed, the worker that repeats it continues with them.
"""

from __future__ import annotations

import zlib
from typing import Any, Final

TIMEOUT: Final = "10 s"


class Checkpoint:
    """Compressed pieces of a transcript, each in a variable of the scheduler.

    Args:
        client: The `distributed.Client` of the fleet or of a task.
        name: The name of the unit in this run of the fleet.
    """

    def __init__(self, client: Any, name: str) -> None:
        self.client, self.name, self.pieces = client, name, 0

    def begin(self, lines: bytes = b"") -> None:
        """Start with these lines. The fleet calls this before it starts the unit."""
        self.variable("count").set(0, timeout=TIMEOUT)
        if lines:
            self.add(lines)

    def load(self) -> bytes:
        """Return all lines that were added before."""
        self.pieces = self.variable("count").get(timeout=TIMEOUT)
        parts = (self.variable(str(n)).get(timeout=TIMEOUT) for n in range(self.pieces))
        return b"".join(map(zlib.decompress, parts))

    def add(self, lines: bytes) -> None:
        """Keep further lines; the count changes last, so that no piece is missing."""
        self.variable(str(self.pieces)).set(zlib.compress(lines), timeout=TIMEOUT)
        self.pieces += 1
        self.variable("count").set(self.pieces, timeout=TIMEOUT)

    def remove(self) -> None:
        """Free the memory of the scheduler."""
        for name in ("count", *map(str, range(self.variable("count").get(timeout=TIMEOUT)))):
            self.variable(name).delete()

    def variable(self, name: str) -> Any:
        from distributed import Variable

        return Variable(f"{self.name}/{name}", client=self.client)
