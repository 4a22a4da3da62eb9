"""Reads the process environment while other threads change it.

pytest sets and removes a variable of its own before and after each case, while threads of the
harness read the proxy variables or copy the environment for a child process.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from typing import Final, TypeVar

Result = TypeVar("Result")
MAX_TRIES: Final = 1000


def retry_on_change(read: Callable[[], Result]) -> Result:
    """Call `read` again if a variable disappeared meanwhile; the last error is raised."""
    for _ in range(MAX_TRIES):
        with suppress(KeyError, RuntimeError):
            return read()
    return read()


def copy_environment() -> dict[str, str]:
    """Return a consistent copy of the environment."""
    return retry_on_change(lambda: dict(os.environ))
