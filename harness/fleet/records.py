"""The outcome of each unit, in a file beside its reports, and the reports of its earlier runs."""

from __future__ import annotations

import errno
import gzip
import os
import re
import shutil
import zlib
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import msgspec

from harness.fleet.units import Unit
from harness.util.errors import file_errors
from harness.util.file_access import MAX_JSON, MIB, read_bytes, write_whole

RECORD: Final = "unit.json"
REPORT: Final = "report.json"
BADGE: Final = "badge.json"
TRANSCRIPT: Final = "transcript.jsonl"
OUTPUT: Final = "terminal.txt"
UNITS, HISTORY = "units", "history"  # folders of a fleet
MAX_HISTORY: Final = 30  # earlier reports of each unit that are kept
JUDGED: Final = (0, 1)  # exit codes of a run that was judged to its end


@dataclass(frozen=True, slots=True)
class Record:
    """The outcome of a unit.

    Attributes:
        code: The exit code of its run; -N if signal N ended its process, and it was not repeated.
        seconds: The duration, with repetitions.
        attempts: How often a process was started for it.
        problem: The last line of an error, or "".
        where: The worker that ran it, or "" for this machine.
    """

    unit: str
    code: int
    seconds: float = 0.0
    attempts: int = 1
    problem: str = ""
    where: str = ""


@dataclass(frozen=True, slots=True)
class Summary:
    """The part of a report that the fleet shows.

    Attributes:
        phrase: The result in words, such as `not fully tested`; "" without a report.
        scope: How many rows were examined, such as `90 of 117 rows`; "" if the pack has none.
        totals: The number of cases by outcome.
    """

    phrase: str = ""
    scope: str = ""
    totals: Mapping[str, int] = field(default_factory=dict)


class Totals(msgspec.Struct):
    """The part of a report.json that is read."""

    totals: dict[str, int]


class Badge(msgspec.Struct):
    """The part of a badge.json that is read."""

    message: str


def folder_of(out: Path, unit: Unit) -> Path:
    """Return the folder of the reports of a unit."""
    return out / UNITS / unit.id


def write_record(folder: Path, record: Record) -> None:
    """Write the record of a unit. Raises UsageError."""
    with file_errors("write", folder / RECORD):
        folder.mkdir(parents=True, exist_ok=True)
        write_whole(folder / RECORD, msgspec.json.encode(record))


def read_record(folder: Path) -> Record | None:
    """Return the record of a unit; None if its run has not ended, or the file is damaged."""
    try:
        return msgspec.json.decode(read_bytes(folder / RECORD, MIB), type=Record)
    except (OSError, msgspec.DecodeError):
        return None


def read_summary(folder: Path) -> Summary:
    """Return the result of a unit; an empty one if it has no report."""
    try:
        report = msgspec.json.decode(read_bytes(folder / REPORT, MAX_JSON), type=Totals)
        badge = msgspec.json.decode(read_bytes(folder / BADGE, MIB), type=Badge)
    except (OSError, msgspec.DecodeError):
        return Summary()
    phrase, _, scope = badge.message.partition(", ")
    return Summary(phrase, scope, report.totals)


def forget_record(out: Path, unit: Unit) -> None:
    """Remove the record of a unit that is continued."""
    with file_errors("remove", folder_of(out, unit) / RECORD):
        (folder_of(out, unit) / RECORD).unlink(missing_ok=True)


def begin_again(out: Path, unit: Unit) -> None:
    """Keep the report of the last run of a unit in the history, and remove its folder."""
    folder = folder_of(out, unit)
    with file_errors("remove", folder):
        if (folder / REPORT).is_file():
            keep_report(out / HISTORY / unit.id, folder / REPORT)
        with suppress(FileNotFoundError):
            shutil.rmtree(folder)


def keep_report(history: Path, report: Path) -> None:
    """Add a report to the history of a unit, and remove the oldest above the number kept."""
    history.mkdir(parents=True, exist_ok=True)
    data = read_bytes(report, MAX_JSON)
    started = re.search(rb'"started": "([0-9TZ:.+-]+)"', data)
    name = started[1].decode().replace(":", "") if started else str(os.stat(report).st_mtime_ns)
    write_whole(history / f"{name}.json.gz", gzip.compress(data, 6))
    for old in sorted(history.glob("*.json.gz"))[:-MAX_HISTORY]:
        old.unlink()


def report_texts(out: Path, unit: Unit, problems: list[str]) -> Iterator[tuple[str, str]]:
    """Yield name and text of the reports of a unit, the oldest first; problems are noted."""
    for path in (
        *sorted((out / HISTORY / unit.id).glob("*.json.gz")),
        folder_of(out, unit) / REPORT,
    ):
        if path.is_file():
            try:
                data = unpacked(path) if path.suffix == ".gz" else read_bytes(path, MAX_JSON)
            except (OSError, EOFError, zlib.error) as error:
                problems.append(f"cannot read {path}: {error}")
            else:
                yield str(path), data.decode("utf-8", "replace")


def unpacked(path: Path) -> bytes:
    """Return the content of a compressed file. Raises OSError, EOFError."""
    with gzip.open(path) as file:
        data = file.read(MAX_JSON + 1)
    if len(data) > MAX_JSON:
        raise OSError(errno.EFBIG, f"it is larger than {MAX_JSON // MIB} MiB")
    return data
