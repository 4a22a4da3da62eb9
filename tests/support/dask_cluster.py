"""A Dask scheduler and workers as processes of this machine."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.support.pack_on_disk import ROOT

# A lease of a killed worker ends after 30 s by default.
SETTINGS = {
    "DASK_DISTRIBUTED__SCHEDULER__LOCKS__LEASE_TIMEOUT": "2s",
    "DASK_DISTRIBUTED__SCHEDULER__LOCKS__LEASE_VALIDATION_INTERVAL": "500ms",
}


@dataclass
class Cluster:
    """The address of the scheduler, and the processes of the workers by their names."""

    address: str
    workers: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)


@contextmanager
def dask_cluster(folder: Path, workers: int, **environment: str) -> Iterator[Cluster]:
    """Start a scheduler and workers with one thread each; all of them end with the block.

    Args:
        folder: The folder for the files of the cluster; each worker has a folder of its own there.
        environment: Further variables of the workers.
    """
    contact = folder / "scheduler.json"
    with ExitStack() as started:
        start(started, folder, {}, "scheduler", "--port", "0", "--scheduler-file", contact)
        wait_for(started, contact)
        cluster = Cluster(json.loads(contact.read_text())["address"])
        for name in (f"w{number}" for number in range(workers)):
            home = folder / name
            home.mkdir()
            words = ("worker", cluster.address, "--name", name, "--nthreads", "1", "--no-nanny")
            cluster.workers[name] = start(started, home, environment, *words)
        yield cluster


def start(
    started: ExitStack, folder: Path, environment: dict[str, str], kind: str, *words: str | Path
) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", f"distributed.cli.dask_{kind}", *map(str, words)]
    process = subprocess.Popen(
        [*command, "--host", "127.0.0.1", "--no-dashboard"],
        cwd=folder,
        env={**os.environ, **SETTINGS, "PYTHONPATH": str(ROOT), **environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    started.callback(end, process)
    return process


def end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()


def wait_for(started: ExitStack, contact: Path) -> None:
    """Wait until the scheduler has written its address."""
    import time

    deadline = time.monotonic() + 60
    while not contact.exists() or not contact.read_text().strip():
        assert time.monotonic() < deadline, "the scheduler does not start"
        time.sleep(0.05)
