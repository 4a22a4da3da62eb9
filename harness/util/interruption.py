"""Signals that end a command: the first interrupts it, further ones let it write its reports."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType
from typing import Final

NAMES: Final = ("SIGINT", "SIGTERM", "SIGHUP")  # Windows has no SIGHUP
MAX_SIGNALS: Final = 4  # then the process ends at once, if the writing should hang
EXIT_CODE: Final = 2


@dataclass(slots=True)
class State:
    """The signals of this process.

    Attributes:
        signals: How many signals came.
        raised: Whether one of them has interrupted the command.
        holds: How many parts of the program that must not be interrupted are running.
    """

    signals: int = 0
    raised: bool = False
    holds: int = 0


state = State()


def handle(number: int, frame: FrameType | None) -> None:
    """Interrupt the command with the first signal; end the process with the last of several."""
    state.signals += 1
    if state.signals >= MAX_SIGNALS:
        os._exit(EXIT_CODE)
    if not state.raised and not state.holds:
        state.raised = True
        raise KeyboardInterrupt


@contextmanager
def signals_interrupt() -> Iterator[None]:
    """Let SIGINT, SIGTERM and SIGHUP interrupt the block, except those that are ignored."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    state.signals, state.raised, state.holds = 0, False, 0
    numbers = [getattr(signal, name) for name in NAMES if hasattr(signal, name)]
    before = {number: signal.getsignal(number) for number in numbers}
    for number, handler in before.items():
        if handler not in (signal.SIG_IGN, None):
            signal.signal(number, handle)
    try:
        yield
    finally:
        for number, handler in before.items():
            if handler not in (signal.SIG_IGN, None):
                signal.signal(number, handler)


@contextmanager
def held() -> Iterator[None]:
    """Run the block to its end; a signal that comes meanwhile interrupts after it."""
    state.holds += 1
    try:
        yield
    finally:
        state.holds -= 1
    if state.signals and not state.raised and not state.holds:
        state.raised = True
        raise KeyboardInterrupt


def hold() -> None:
    """Let nothing interrupt the rest of the command; `was_signalled` says if something tried."""
    state.holds += 1


def was_signalled() -> bool:
    """Whether a signal came since the command began."""
    return state.signals > 0
