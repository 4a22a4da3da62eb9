"""Entry point of the command `harness`, also as `python -m harness`."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from types import FrameType
from typing import Final, NoReturn

NAMES: Final = ("SIGINT", "SIGTERM", "SIGHUP")  # Windows has no SIGHUP
INTERRUPTED: Final = 2
INTERNAL_ERROR: Final = 3


def end(number: int, frame: FrameType | None) -> None:
    """End the process at a signal, before there is anything that could be lost."""
    os.write(2, b"interrupted\n")
    os._exit(INTERRUPTED)


def handle_signals(handler: Callable[[int, FrameType | None], None] | signal.Handlers) -> None:
    """Set the handler of each signal that is not ignored."""
    for name in NAMES:
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, handler)


def start() -> None:
    """Run the command, which handles signals itself as soon as it is loaded.

    What ends here has no memory, or no whole installation, for a better message: writing the line
    and the exit need neither.
    """
    handle_signals(end)
    try:
        from harness.cli import main
    except MemoryError:
        fail(b"there is not enough memory")
    except Exception as error:  # little memory makes imports fail in many ways
        fail(f"the command cannot be loaded: {type(error).__name__}: {error}".encode())
    try:
        main()
    except MemoryError:
        fail(b"there is not enough memory")
    finally:
        handle_signals(signal.SIG_IGN)  # the exit code stands


def fail(message: bytes) -> NoReturn:
    os.write(2, b"ERROR: " + message + b"\n")
    os._exit(INTERNAL_ERROR)


if __name__ == "__main__":
    start()
