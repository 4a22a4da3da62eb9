"""Measures how the CPU time of a function grows with its input."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable
from typing import Final, TypeVar

from tests.support.coverage_off import coverage_off

Input = TypeVar("Input")

ENOUGH: Final = 0.02  # CPU seconds of the smaller input, below which noise decides
# CPU seconds; less counts as this, since the time to allocate memory varies by as much.
LEAST: Final = 0.001
TRIES: Final = 25
LARGEST: Final = 2**17


def growth(
    make: Callable[[int], Input], run: Callable[[Input], object], size: int, limit: float
) -> float:
    """Return how many times the CPU time of `size` twice the input takes.

    The size is doubled first until there is enough to measure. The least time of each counts, since
    other programs only make a try longer; there are further tries while it is above `limit`.
    """
    while cpu_seconds(run, make(size)) < ENOUGH and size < LARGEST:
        size *= 2
    one, two = make(size), make(2 * size)
    least, ratio = [float("inf"), float("inf")], float("inf")
    for _ in range(TRIES):
        least = [min(least[0], cpu_seconds(run, one)), min(least[1], cpu_seconds(run, two))]
        ratio = least[1] / max(least[0], LEAST)
        if ratio <= limit:
            break
    return ratio


def cpu_seconds(run: Callable[[Input], object], value: Input) -> float:
    """Return the CPU time of a call, without the collection of garbage and of coverage."""
    with coverage_off():
        gc.disable()
        try:
            start = time.process_time()
            run(value)
            return max(time.process_time() - start, 1e-6)
        finally:
            gc.enable()
