"""The folder of a run -> its report, its transcript, and both judged again. Reads only."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from harness.report.report_file import parse_report
from harness.run.metadata import own_version
from harness.run.replay import RecordedRun, load_recorded
from harness.util.errors import UsageError

FILES: Final = ("report.json", "transcript.jsonl")
# What a report says beside the answers: when it was written, and what CI accepts or saw besides.
BESIDE: Final = ("finished", "harness", "baseline", "unexpected")
VERDICT: Final = ("outcome", "evidence", "cause")
# What comes of files that were written by hand, and are none.
TORN: Final = (
    *(LookupError, TypeError, ValueError, AttributeError),
    *(RecursionError, AssertionError),
)
OPT_IN: Final = "opt-in: "


@dataclass(frozen=True, slots=True)
class Filed:
    """`again` is the report that the transcript gives now; `digests` are those of the bytes."""

    folder: Path
    report: Mapping[str, Any]
    digests: Mapping[str, str]
    run: RecordedRun
    again: Mapping[str, Any]


def digests(folder: Path) -> dict[str, str]:
    """SHA-256 of the files that a certificate is about. Raises UsageError."""
    return {name: digest(folder / name) for name in FILES}


def digest(path: Path) -> str:
    """Piece by piece: a transcript may be larger than the memory."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}") from error


def content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}") from error


def filed(folder: Path) -> Filed:
    """Raises UsageError for what is no folder of a whole run."""
    made = digests(folder)
    name = folder / "report.json"
    try:
        text = content(name).decode("utf-8")
    except UnicodeDecodeError as error:
        raise UsageError(f"{name} is not UTF-8") from error
    report = parse_report(text, str(name))
    try:
        run = load_recorded(str(folder / "transcript.jsonl"))
        one = Filed(folder, report, made, run, run.report())
        list(refusals(one))
    except TORN as error:
        raise UsageError(f"{folder} cannot be judged again: {error!r:.200}") from error
    return one


def refusals(one: Filed) -> Iterator[str]:
    """Why a run cannot be certified, line by line: it is not whole, or not what it says."""
    report, header = one.report, one.run.header["run"]
    for chosen in (report.get("selection"), header["selection"]):
        if chosen:
            told = ", ".join(f"{name} {value}" for name, value in chosen.items())
            yield f"the run was a selection ({told}): only a whole one can be certified"
            break
    for reason in report["reasons"]:
        yield f"the run is not whole: {reason}"
    left = [c for c in one.again["not_selected"] if not c["reason"].startswith(OPT_IN)]
    if left and not report["reasons"]:
        yield f"the run is not whole: {left[0]['pack']}/{left[0]['id']} and {len(left) - 1} more"
    if "baseline" in report:
        yield "the run had a baseline: what CI accepts is no part of a certificate"
    for pack in one.run.packs:
        if pack.frozen is None:
            yield f"{pack.id} {pack.version} has no requirements: `harness freeze` writes them down"
    yield from differences(one)


def differences(one: Filed) -> Iterator[str]:
    """Where the report is not what the transcript gives; by another version, verdicts count."""
    then, now = (by_name(report) for report in (one.report, one.again))
    for name in dict.fromkeys((*then, *now)):
        old, new = (verdict(cases.get(name)) for cases in (then, now))
        if old != new:
            yield f"{name}: the report says {old}, and the transcript gives {new}"
    if one.report.get("harness") == own_version():
        for key in dict.fromkeys((*one.again, *one.report)):
            if key not in BESIDE and one.report.get(key) != one.again.get(key):
                yield f"report.json: `{key}` is not what the transcript gives"
    for key in ("result", "totals"):
        if one.report.get(key) != one.again.get(key):
            yield f"report.json: `{key}` is not what its cases give"


def by_name(report: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    return {f"{case['pack']}/{case['id']}": case for case in report["cases"]}


def verdict(case: Mapping[str, Any] | None) -> str:
    words: Sequence[str] = [str(case[key]) for key in VERDICT if key in case] if case else ()
    return " ".join(words) or "nothing"
