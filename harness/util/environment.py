"""Whatever reads the environment, undisturbed by who writes into it. May not keep anything.

pytest sets and removes a variable of its own before and after each case, while other threads of
ours read the proxy variables or make a copy for a child.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from typing import Final, TypeVar

Read = TypeVar("Read")
TRIES: Final = 50


def undisturbed(read: Callable[[], Read]) -> Read:
    """Reads again where a variable vanished meanwhile; what goes wrong every time is raised."""
    for _ in range(TRIES):
        with suppress(KeyError, RuntimeError):
            return read()
    return read()


def environment() -> dict[str, str]:
    """A copy, whole."""
    return undisturbed(lambda: dict(os.environ))
