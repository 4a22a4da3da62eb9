"""Pauses the collection of reference cycles while many objects are made that are kept."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def collection_paused() -> Iterator[None]:
    """Collect nothing meanwhile. Each collection would examine everything made so far, in vain.

    It is for work on files of the user, not on answers of a target, whose number has no limit.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
