"""Runs units in processes of this machine."""

from __future__ import annotations

import os
import queue
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Self

from harness.fleet.records import Record, folder_of, write_record
from harness.fleet.unit_process import Watch, run_unit
from harness.fleet.units import Unit
from harness.util.errors import internal_error


class LocalEngine:
    """A process for each unit that runs; each has a thread that waits for it.

    Args:
        out: The folder of the fleet.
        jobs: How many units run at the same time; 0 for the number of cores.
        retries: How often a unit whose process is killed is continued.
        on_answers: Is called with the id of a unit and the number of its answers so far.
    """

    def __init__(
        self, out: Path, jobs: int, retries: int, on_answers: Callable[[str, int], None]
    ) -> None:
        self.out, self.retries, self.on_answers = out, retries, on_answers
        self.jobs = jobs or cores()
        self.ended = queue.Queue[Record]()
        self.stopped = threading.Event()
        self.pool = ThreadPoolExecutor(self.jobs, "unit")

    def room(self) -> int:
        return self.jobs

    def start(self, units: Sequence[Unit]) -> None:
        for unit in units:
            self.pool.submit(self.run, unit)

    def run(self, unit: Unit) -> None:
        """Run a unit and write its record, also if the harness itself fails."""
        folder = folder_of(self.out, unit)
        watch = Watch(lambda _, lines: self.on_answers(unit.id, lines - 1), self.stopped.is_set)
        try:
            record = run_unit(unit.id, unit.words, folder, Path.cwd(), self.retries, watch)
            write_record(folder, record)
        except Exception as error:
            record = Record(unit.id, 3, problem=internal_error(error))
        self.ended.put(record)

    def stop(self) -> None:
        self.stopped.set()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.pool.shutdown(cancel_futures=True)


def cores() -> int:
    """Return how many cores this process can use."""
    affinity = getattr(os, "sched_getaffinity", None)  # Windows and macOS have none
    return len(affinity(0)) if affinity else os.cpu_count() or 1
