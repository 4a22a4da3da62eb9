"""One unit as a task of a Dask worker; its files and its reports travel as bytes."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from harness.fleet.bundle import moved, pack_folder, unpack
from harness.fleet.checkpoint import Checkpoint
from harness.fleet.records import TRANSCRIPT, Record
from harness.fleet.unit_process import Watch, run_unit
from harness.run.facts import own_version
from harness.util.errors import UsageError

if TYPE_CHECKING:
    from distributed import Semaphore

TURN: Final = 1.0  # seconds to wait for a host before looking whether the fleet has stopped


@dataclass(frozen=True, slots=True)
class Job:
    """A unit with all that a worker needs to run it.

    Attributes:
        name: The name of the unit in this run of the fleet, for its checkpoint.
        run: The name of the event that interrupts the fleet, and of the topic of its progress.
        inputs: The files of the unit as an archive.
        harness: The version of the harness that the fleet has.
    """

    unit: str
    name: str
    run: str
    words: tuple[str, ...]
    files: tuple[str, ...]
    inputs: bytes
    retries: int
    harness: str


def run_job(job: Job, semaphores: Sequence[Semaphore]) -> tuple[Record, bytes]:
    """Run a unit, and return its record and its folder as an archive.

    The answers that an earlier worker of the unit has received are not requested again.
    """
    from distributed import Event, get_client, get_worker

    check_version(job.harness)
    client, worker = get_client(), get_worker()
    checkpoint = Checkpoint(client, job.name)
    stop = Event(job.run, client=client)
    with tempfile.TemporaryDirectory() as folder, turns(semaphores, stop):
        unpack(job.inputs, Path(folder))
        out = Path(folder, "out")
        restore(checkpoint, out)

        def keep(lines: bytes, count: int) -> None:
            checkpoint.add(lines)
            worker.log_event(job.run, (job.unit, count - 1))

        watch = Watch(keep, stop.is_set)
        words = moved(job.words, job.files)
        record = run_unit(job.unit, words, out, Path(folder), job.retries, watch)
        return replace(record, where=str(worker.name)), pack_folder(out)


def check_version(fleet: str) -> None:
    """Raises UsageError if this worker has another version of the harness than the fleet."""
    if fleet != (own := own_version()):
        raise UsageError(f"the worker has version {own} of the harness, and the fleet {fleet}")


def restore(checkpoint: Checkpoint, out: Path) -> None:
    """Write the transcript as far as an earlier worker had come."""
    if lines := checkpoint.load():
        out.mkdir(parents=True)
        (out / TRANSCRIPT).write_bytes(lines)


@contextmanager
def turns(semaphores: Sequence[Semaphore], stop: Any) -> Iterator[None]:
    """Hold a place of each host during the block; the same order everywhere avoids a deadlock."""
    with ExitStack() as held:
        for semaphore in semaphores:
            while not semaphore.acquire(timeout=TURN) and not stop.is_set():
                pass
            held.callback(semaphore.release)
        yield
