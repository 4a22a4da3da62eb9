"""Measures how the time of a fleet grows with its units and workers.

Run: python benchmarks/fleet.py [UNITS ...]. Each unit is a run of two cases of a shipped pack
against a reference gateway of its own. It prints a section for results.md; the times are those of
the command from its start to its exit, with all pages; `load` is that of the machine at the end.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
UNITS: Final = (10, 50, 200)
FEW: Final = 10
CASES: Final = ["temperature", "seed"]


def main() -> None:
    sizes = [int(word) for word in sys.argv[1:]] or [*UNITS]
    print("## Fleet: units of two cases, each with a reference gateway of its own\n")
    print("| subject | units | seconds | seconds per unit | CPU seconds per unit | load |")
    print("| --- | --- | --- | --- | --- | --- |")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for jobs in (1, 2):
            measure(folder, FEW, f"this machine, {jobs} at a time", "--jobs", str(jobs))
        for workers in (1, 2):
            with cluster(folder, workers) as address:
                for units in [FEW] if workers == 1 else sizes:
                    measure(folder, units, f"Dask, workers: {workers}", "--dask", address)


def measure(folder: Path, units: int, subject: str, *words: str) -> None:
    """Run a fleet of so many units and print its line."""
    targets = [{"target": "builtin", "name": f"gateway-{number}"} for number in range(units)]
    data = {"targets": targets, "packs": ["openai-compat"], "options": {"case": CASES}}
    (folder / "fleet.yaml").write_text(json.dumps(data), "utf-8")
    out, before, cpu = folder / "out", time.monotonic(), cpu_of_children()
    subprocess.run(
        [sys.executable, "-m", "harness", "fleet", "fleet.yaml", "--out", out, *words],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.DEVNULL,
        check=True,
    )
    seconds = time.monotonic() - before
    is_here = "--dask" not in words  # the CPU time of workers is known when they end
    each = f"{(cpu_of_children() - cpu) / units:.2f}" if is_here else ""
    load = os.getloadavg()[0]
    numbers = f"{units} | {seconds:.1f} | {seconds / units:.2f} | {each} | {load:.0f}"
    print(f"| {subject} | {numbers} |", flush=True)
    reports = len([*out.glob("units/*/*/*/report.json")])
    assert reports == units, f"{reports} reports of {units} units"
    subprocess.run(["rm", "-r", out], check=True)


def cpu_of_children() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


@contextmanager
def cluster(folder: Path, workers: int) -> Iterator[str]:
    """Start a scheduler and workers with one thread each; yield the address."""
    contact = folder / "scheduler.json"
    contact.unlink(missing_ok=True)
    with ExitStack() as started:
        start(started, folder, "scheduler", "--port", "0", "--scheduler-file", str(contact))
        deadline = time.monotonic() + 60
        while not contact.exists() or not contact.read_text("utf-8"):
            assert time.monotonic() < deadline, "the scheduler does not start"
            time.sleep(0.1)
        address = str(json.loads(contact.read_text("utf-8"))["address"])
        for _ in range(workers):
            start(started, folder, "worker", address, "--nthreads", "1", "--no-nanny")
        yield address


def start(started: ExitStack, folder: Path, kind: str, *words: str) -> None:
    command = [sys.executable, "-m", f"distributed.cli.dask_{kind}", "--host", "127.0.0.1"]
    process = subprocess.Popen(
        [*command, "--no-dashboard", *words],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    started.callback(end, process)


def end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    process.wait()


if __name__ == "__main__":
    main()
