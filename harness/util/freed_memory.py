"""Lets the C library return freed memory to the system at once.

glibc raises the size from which it returns a freed block each time a larger one is freed, up to
32 MB. After a few answers of 8 MB, the memory of later ones would stay with the process.
"""

from __future__ import annotations

import ctypes
import sys
from contextlib import suppress
from typing import Final

KIB: Final = 1024
# Parameters of mallopt(3) and their values.
M_TRIM_THRESHOLD, M_MMAP_THRESHOLD, M_ARENA_MAX = -1, -3, -8
LIMITS: Final = ((M_TRIM_THRESHOLD, KIB * KIB), (M_MMAP_THRESHOLD, 32 * KIB), (M_ARENA_MAX, 2))


def return_freed_memory() -> None:
    """Return blocks of 32 KiB and more when they are freed; other systems than Linux do already."""
    if sys.platform == "linux":
        with suppress(AttributeError, OSError):  # musl has no mallopt, and needs none
            mallopt = ctypes.CDLL(None).mallopt
            for name, value in LIMITS:
                mallopt(name, value)
