"""Switches off coverage for tests that only repeat what other tests measure."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

VARIABLES = ("COVERAGE_PROCESS_START", "COVERAGE_PROCESS_CONFIG")  # they start it in a new process


@contextmanager
def coverage_off() -> Iterator[None]:
    """Run a block, and the threads and processes that it starts, without coverage."""
    trace, trace_of_threads = sys.gettrace(), threading.gettrace()
    with pytest.MonkeyPatch.context() as patch:
        for name in VARIABLES:
            patch.delenv(name, raising=False)
        sys.settrace(None)
        threading.settrace(None)
        try:
            yield
        finally:
            sys.settrace(trace)
            threading.settrace(trace_of_threads)
