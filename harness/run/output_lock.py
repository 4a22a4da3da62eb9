"""Keeps two processes from writing their reports into the same folder."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from harness.util.errors import UsageError, file_errors

NAME: Final = ".lock"
HELD: Final = (
    "cannot write to --out {}: another run is writing its reports there; wait for its end, or "
    "choose another folder"
)


@contextmanager
def lock_output_dir(out: Path) -> Iterator[None]:
    """Lock a folder of reports; code of this process that has locked it may do so again.

    The operating system releases the lock of a process that ends in any way. A file system without
    locks is used without one.

    Raises:
        UsageError: Another process has locked the folder.
    """
    from filelock import FileLock, Timeout

    lock = FileLock(out / NAME, timeout=0, is_singleton=True, thread_local=False)
    with file_errors("write to --out", out), suppress(NotImplementedError):
        try:
            lock.acquire()
        except Timeout:
            raise UsageError(HELD.format(out)) from None
    try:
        yield
    finally:
        if lock.lock_counter == 1:
            with suppress(OSError):  # Windows removes no open file
                (out / NAME).unlink()
        lock.release()
