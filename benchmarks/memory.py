"""Measures memory and time of the commands that read recorded runs, as the runs grow.

A run of all packs is recorded once. In longer runs, its exchanges are those of each repetition.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from measure import Measured, measure

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
from harness.plan.repetitions import repetition_id  # noqa: E402 - from this checkout

Row = tuple[str, ...]
Section = tuple[str, Row, list[Row]]
Run = Callable[..., tuple[Measured, dict[str, Any]]]
# The packs of live runs and their repetitions; with 1,000, the most, one small pack is too little.
LIVE = {("openai-embeddings",): 20, ("openai-embeddings", "cross-protocol"): 875}
SHARDS = 2
LONG, SHORT = 100_000, 20_000  # exchanges of recorded runs
LIMIT = 250  # MB


def memory_section(run: Run) -> Section:
    """Measure and return the section of the results page."""
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        (home / "all").mkdir()
        whole, report = run(home / "all")
        rows = [row(f"run of all packs, {report['requests']:,} shots", whole, 120)]
        rows += live_rows(run, home)
        rows.append(merge_row(run, home))
        source = home / "all" / "transcript.jsonl"
        rows += recorded_rows(source, home)
    title = "Memory and time of long runs"
    return title, ("command", "seconds", "CPU seconds", "peak memory", "limit"), rows


def live_rows(run: Run, home: Path) -> Iterator[Row]:
    for packs, repeat in LIVE.items():
        folder = home / f"live-{repeat}"
        folder.mkdir()
        words = [word for pack in packs for word in ("--pack", pack)]
        live, report = run(folder, *words, f"--repeat={repeat}")
        yield row(f"run of {' and '.join(packs)}, {report['requests']:,} shots", live, LIMIT)


def merge_row(run: Run, home: Path) -> Row:
    """Measure the merge of shards with LONG exchanges in all."""
    total = repeat = 0
    for number in range(1, SHARDS + 1):
        folder, repeated = home / f"shard-{number}", home / f"repeated-{number}"
        folder.mkdir()
        repeated.mkdir()
        run(folder, f"--shard={number}/{SHARDS}")
        repeat = repeat or repetitions(folder, LONG // SHARDS)
        total += write_repeated(folder / "transcript.jsonl", repeated / "transcript.jsonl", repeat)
        command(home, "judge", repeated, "--out", repeated)
    shards = (home / f"repeated-{number}" for number in range(1, SHARDS + 1))
    merged = command(home, "merge", *shards, "--out", home / "merged")
    return row(f"merge of {SHARDS} shards, {total:,} exchanges", merged, LIMIT)


def recorded_rows(source: Path, home: Path) -> Iterator[Row]:
    for shots in (SHORT, LONG):
        folder = home / f"recorded-{shots}"
        folder.mkdir()
        times = repetitions(source.parent, shots)
        number = write_repeated(source, folder / "transcript.jsonl", times)
        judged = command(home, "judge", folder, "--out", folder)
        yield row(f"judge, {number:,} exchanges", judged, LIMIT)
    har = command(home, "har", folder)
    yield row(f"har, {number:,} exchanges", har, LIMIT)
    folder = home / f"recorded-{SHORT}"
    command(home, "certify", "--new-key", home / "key.pem")
    command(home, "certify", folder, "--key", home / "key.pem")
    certificate = folder / "certificate.json"
    assert certificate.is_file(), (home / "output.txt").read_text("utf-8")
    yield row(
        f"verify, {number_of(folder):,} exchanges", command(home, "verify", certificate), LIMIT
    )


def number_of(folder: Path) -> int:
    with (folder / "transcript.jsonl").open("rb") as file:
        return sum(1 for _ in file) - 2


def command(home: Path, *words: str | Path) -> Measured:
    return measure([sys.executable, "-m", "harness", *words], home, {"PYTHONPATH": str(ROOT)})


def row(subject: str, measured: Measured, limit: int) -> Row:
    assert measured.status == 0, measured.output
    seconds = f"{measured.seconds:.1f}", f"{measured.cpu:.1f}"
    return subject, *seconds, f"{measured.megabytes:.0f} MB", f"{limit} MB"


def repetitions(recorded: Path, shots: int) -> int:
    """Return how often a run must be repeated to have so many exchanges."""
    return -(-shots // number_of(recorded))


def write_repeated(source: Path, target: Path, repeat: int) -> int:
    """Write a transcript with the exchanges of another one, repeated; return their number."""
    first, *lines, last = source.read_text("utf-8").splitlines()
    header = json.loads(first)["header"]
    scripts = {
        shot["id"]: s["id"] for plan in header["plans"] for s in sent(plan) for shot in s["shots"]
    }
    header["repeat"] = repeat
    written = 0
    with target.open("w", encoding="utf-8") as file:
        file.write(json.dumps({"header": header}, ensure_ascii=False) + "\n")
        for turn in range(1, header["repeat"] + 1):
            for line in lines if turn == 1 else repeated(lines, scripts, turn):
                file.write(line + "\n")
                written += 1
        file.write(last + "\n")
    return written


def sent(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield from plan["scripts"]
    yield from (each["script"] for each in plan["prerequisites"])


def repeated(lines: list[str], scripts: dict[str, str], turn: int) -> Iterator[str]:
    """Yield the exchanges of a later repetition; those of the calibration are sent once only."""
    for line in lines:
        exchange = json.loads(line)["exchange"]
        if exchange["shot"] in scripts:
            for key in ("shot", "same_as"):
                if (shot := exchange.get(key, "")) in scripts:
                    script = scripts[shot]
                    exchange[key] = repetition_id(script, turn) + shot.removeprefix(script)
            yield json.dumps({"exchange": exchange}, ensure_ascii=False)
