"""Memory of large answers is returned to the system when it is freed."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

PROGRAM = """
import os
from pathlib import Path
from harness.util.freed_memory import return_freed_memory
return_freed_memory()
def resident():
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
first = bytearray(b"x" * 30_000_000)
del first
before = resident()
blocks = [(bytearray(b"x" * 1_000_000), bytearray(b"x" * 900)) for _ in range(40)]
kept = [small for _, small in blocks]
del blocks
print(resident() - before)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc, and concerns glibc alone")
def test_freed_blocks_between_kept_ones_are_returned() -> None:
    result = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, env={**os.environ}
    )
    assert int(result.stdout) < 4_000_000
