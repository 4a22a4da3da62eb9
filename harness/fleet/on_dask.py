"""Runs units on the workers of a Dask cluster."""

from __future__ import annotations

import queue
import secrets
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self

from harness.fleet.bundle import pack_inputs, unpack
from harness.fleet.checkpoint import Checkpoint
from harness.fleet.dask_task import Job, run_job
from harness.fleet.records import TRANSCRIPT, Record, folder_of, write_record
from harness.fleet.unit_process import TO_END, TranscriptTail
from harness.fleet.units import Unit
from harness.run.facts import own_version
from harness.util.errors import (
    INTERNAL_ERROR,
    HarnessError,
    Unreachable,
    UsageError,
    internal_error,
)

if TYPE_CHECKING:
    from distributed import Client, Future

CONNECT: Final = 10  # seconds
INSTALL: Final = "--dask needs the extra `fleet`: pip install 'llm-gateway-conformance[fleet]'"
KILLED: Final = "its workers were killed again and again"


class DaskEngine:
    """Each unit is a task; a semaphore for each host keeps all fleets of the cluster to its limits.

    Args:
        address: The address of the scheduler.
        out: The folder of the fleet.
        retries: How often a unit whose process is killed is continued.
        on_answers: Is called with the id of a unit and the number of its answers so far.

    Raises:
        UsageError: Dask is not installed.
        Unreachable: There is no scheduler.
    """

    def __init__(
        self, address: str, out: Path, retries: int, on_answers: Callable[[str, int], None]
    ) -> None:
        self.out, self.retries, self.on_answers = out, retries, on_answers
        self.client = connect(address)
        self.ended = queue.Queue[Record]()
        self.run = f"harness-{secrets.token_hex(8)}"
        self.client.subscribe_topic(self.run, self.show_answers)
        self.futures: dict[str, Future[Any]] = {}

    def show_answers(self, event: tuple[float, tuple[str, int]]) -> None:
        """Pass on how many answers a unit has; a worker sends this."""
        self.on_answers(*event[1])

    def room(self) -> int:
        """Return the number of threads of all workers now."""
        return sum(self.client.nthreads().values())

    def start(self, units: Sequence[Unit]) -> None:
        """Send units to the cluster, which gives a unit to another worker if one is killed."""
        jobs = [self.job(unit) for unit in units]
        for unit, job in zip(units, jobs, strict=True):
            earlier = TranscriptTail(folder_of(self.out, unit) / TRANSCRIPT).read()
            Checkpoint(self.client, job.name).begin(earlier)
        turns = [[self.semaphore(host, unit) for host in sorted(unit.hosts)] for unit in units]
        names = [job.name for job in jobs]
        futures = self.client.map(
            run_job, jobs, turns, key=names, retries=self.retries, pure=False, batch_size=None
        )
        for unit, future in zip(units, futures, strict=True):
            self.futures[unit.id] = future
            future.add_done_callback(partial(self.receive, unit))

    def job(self, unit: Unit) -> Job:
        name = f"{self.run}/{unit.id}"
        own = (unit.words, unit.files, pack_inputs(unit.files))
        return Job(unit.id, name, self.run, *own, self.retries, own_version())

    def semaphore(self, host: str, unit: Unit) -> Any:
        from distributed import Semaphore

        units = unit.hosts[host].units
        return Semaphore(max_leases=units, name=f"harness/{host}/{units}")

    def receive(self, unit: Unit, future: Future[Any]) -> None:
        """Write the reports of a unit that has ended, and its record."""
        folder = folder_of(self.out, unit)
        try:
            record, data = future.result()
            unpack(data, folder)
        except Exception as error:
            record = Record(unit.id, INTERNAL_ERROR, problem=described(error))
        try:
            write_record(folder, record)
            Checkpoint(self.client, f"{self.run}/{unit.id}").remove()
        except Exception as error:
            record = Record(unit.id, INTERNAL_ERROR, problem=described(error))
        del self.futures[unit.id]  # the cluster forgets the result
        self.ended.put(record)

    def stop(self) -> None:
        """Interrupt the units that run, wherever they are, and wait for what they have so far."""
        from distributed import Event

        Event(self.run, client=self.client).set()
        end = time.monotonic() + TO_END
        while self.futures and time.monotonic() < end:
            time.sleep(0.1)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.client.close()


def connect(address: str) -> Client:
    """Return a client of a scheduler. Raises UsageError, Unreachable."""
    try:
        from distributed import Client
    except ImportError as error:
        raise UsageError(INSTALL) from error
    try:
        return Client(address, timeout=CONNECT, name="harness-fleet", set_as_default=True)
    except (OSError, ValueError) as error:
        raise Unreachable(f"--dask {address}: no scheduler answers there") from error


def described(error: Exception) -> str:
    """Return one line about a unit that has no result."""
    if isinstance(error, HarnessError):
        return str(error)
    return KILLED if type(error).__name__ == "KilledWorker" else internal_error(error)
