"""Reads the folder of a run, judges its transcript again, and checks that it can be certified."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from harness.report.case_types import CaseData
from harness.report.data import ReportData
from harness.report.faults import case_name
from harness.report.page import page_html
from harness.report.page_blocks import unpacked
from harness.report.report_file import parse_report
from harness.run import outputs
from harness.run.facts import own_version
from harness.run.recorded_exchanges import exchanges_of
from harness.run.replay import RecordedRun, load_recorded
from harness.util.errors import damage, file_errors
from harness.util.file_access import (
    MAX_JSON,
    MAX_TRANSCRIPT,
    open_regular,
    output_bytes,
    read_bytes,
    read_text,
)

FILES: Final = ("report.json", "transcript.jsonl")
# What is rendered from these files. A certificate covers those that the folder has.
RENDERED: Final = (*(name for name in outputs.RENDERERS if name not in FILES), outputs.PAGE)
NOT_COVERED: Final = ("tests.html",)
# Keys of a report that do not follow from the transcript.
NOT_REPRODUCED: Final = ("finished", "harness", "baseline", "unexpected")
OPT_IN: Final = "opt-in: "


@dataclass(frozen=True, slots=True)
class RunFolder:
    """A run.

    Attributes:
        digests: The SHA-256 of its files.
        different: The rendered files that are not what this version renders from the report.
        rejudged: The report that the transcript gives now.
    """

    folder: Path
    report: ReportData
    digests: Mapping[str, str]
    different: Sequence[str]
    run: RecordedRun
    rejudged: ReportData


def file_digests(folder: Path) -> dict[str, str]:
    """Return the SHA-256 of the files that a certificate can cover. Raises UsageError."""
    digests = {}
    present = [name for name in RENDERED if (folder / name).exists()]
    for path in (folder / name for name in (*FILES, *present)):
        with file_errors("read", path), open_regular(path, MAX_TRANSCRIPT, folder) as file:
            digests[path.name] = hashlib.file_digest(file, "sha256").hexdigest()
    return digests


def load_run_folder(folder: Path) -> RunFolder:
    """Read a run and judge it again. Raises UsageError."""
    digests = file_digests(folder)
    path = folder / "report.json"
    with file_errors("read", path):
        report = parse_report(read_text(path, MAX_JSON, folder), str(path))
    with damage(folder):
        run = load_recorded(str(folder / "transcript.jsonl"))
        different = [*different_outputs(folder, report, run)]
        loaded = RunFolder(folder, report, digests, different, run, run.report())
        list(find_problems(loaded))
    return loaded


def different_outputs(folder: Path, report: ReportData, run: RecordedRun) -> Iterator[str]:
    """Yield the rendered files with other content than this version renders from the report."""
    texts = outputs.render(report) | {outputs.PAGE: page_html(report, exchanges_of(run, report))}
    for name in [name for name in RENDERED if (folder / name).exists()]:
        with file_errors("read", folder / name):
            content = read_bytes(folder / name, MAX_TRANSCRIPT, folder)
        rendered = output_bytes(texts[name])
        if content != rendered and unpacked(content) != unpacked(rendered):
            yield name


def find_problems(loaded: RunFolder) -> Iterator[str]:
    """Yield why a run cannot be certified: it is incomplete, or its files contradict each other."""
    report, header = loaded.report, loaded.run.header["run"]
    selection = report.get("selection") or header["selection"]
    if selection:
        listed = ", ".join(f"{name} {value}" for name, value in selection.items())
        yield f"the run was a selection ({listed}): only a complete run can be certified"
    for reason in report["reasons"]:
        yield f"the run is incomplete: {reason}"
    unselected = loaded.rejudged["not_selected"]
    missing = [case for case in unselected if not case["reason"].startswith(OPT_IN)]
    if missing and not report["reasons"]:
        yield f"the run is incomplete: {case_name(missing[0])} and {len(missing) - 1} more"
    undecided = [case_name(case) for case in loaded.rejudged["cases"] if is_undecided(case)]
    if undecided:
        more = f" and {len(undecided) - 1} more" if undecided[1:] else ""
        yield f"a core case is inconclusive: {undecided[0]}{more}"
    if "baseline" in report:
        yield "the run had a baseline: a certificate has no accepted deviations"
    for pack in loaded.run.packs:
        if pack.frozen is None:
            yield f"{pack.id} {pack.version} has no requirements: `harness freeze` writes them"
    yield from find_differences(loaded)


def is_undecided(case: CaseData) -> bool:
    """Whether a core case is inconclusive, so that the core was not shown."""
    return case["tier"] == "core" and case["outcome"] == "inconclusive"


def find_differences(loaded: RunFolder) -> Iterator[str]:
    """Yield differences from the transcript; if versions differ, only in verdicts and totals."""
    report, rejudged = loaded.report, loaded.rejudged
    old, new = ({case_name(case): case for case in one["cases"]} for one in (report, rejudged))
    for name in dict.fromkeys((*old, *new)):
        stated, judged = verdict_text(old.get(name)), verdict_text(new.get(name))
        if stated != judged:
            yield f"{name}: the report has {stated}, the transcript gives {judged}"
    same_version = report.get("harness") == own_version()
    for name in loaded.different if same_version else ():
        yield f"{name} is not what report.json gives: `harness report DIR` writes it again"
    for key in dict.fromkeys((*rejudged, *report)):
        compared = key in ("result", "totals") or (same_version and key not in NOT_REPRODUCED)
        if compared and report.get(key) != rejudged.get(key):
            yield f"report.json: `{key}` is not what the transcript gives"


def verdict_text(case: CaseData | None) -> str:
    """`inconclusive none timeout`, or `nothing` for a case that is missing."""
    if case is None:
        return "nothing"
    return f"{case['outcome']} {case['evidence']} {case.get('cause', '')}".rstrip()
