"""Starts the reference gateway in a process, as a provider without defects."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from tests.real.runs import ROOT

PROVIDER_KEY = "sk-builtin-0123456789abcdef"
PROVIDER_MODEL = "builtin-1"


@contextmanager
def reference_gateway() -> Iterator[str]:
    """Run the reference gateway and yield its address."""
    with subprocess.Popen(
        [sys.executable, "-m", "harness.testbed.gateway"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        yield process.stdout.readline().strip()
        process.communicate()
