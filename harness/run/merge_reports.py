"""Merge of the reports of a run's shards."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from harness.report.data import BaselineData, BaselineMessage, ReportData
from harness.report.faults import case_name
from harness.run.merge_transcripts import merge
from harness.run.replay import load_recorded
from harness.util.errors import UsageError


def merge_reports(
    transcripts: Sequence[str], reports: Sequence[ReportData], out: Path
) -> ReportData:
    """Writes the one transcript into `out`, and judges it. Raises UsageError."""
    path = out / "transcript.jsonl"
    if any(Path(each).resolve() == path.resolve() for each in transcripts):
        raise UsageError(f"--out {out}: a shard lies there; name another folder")
    merge(transcripts, path)
    made = load_recorded(str(path)).report()
    told = {case_name(case): case for report in reports for case in report["cases"]}
    for case in made["cases"]:
        before = told.get(case_name(case))
        outcome = before["outcome"] if before else "nothing"
        if before is None or outcome != case["outcome"]:
            raise UsageError(
                f"{case_name(case)}: its report says {outcome}, and its transcript "
                f"{case['outcome']}: they are not of one run, or of another harness"
            )
        if "known" in before:
            case["known"] = before["known"]
    if any("baseline" in report for report in reports):
        made["baseline"] = baseline(reports)
    return made


def baseline(reports: Sequence[ReportData]) -> BaselineData:
    """What was said of each entry, by the shard that ran its case where that matters."""
    known = [report["baseline"] for report in reports if "baseline" in report]
    said = {subject(one): one for one in ranked(reports)}
    return {"file": known[0]["file"], "told": list(said.values())}


def subject(one: BaselineMessage) -> tuple[str, str, str]:
    """Of what it is said: the entry; that it has expired is said in two ways."""
    return one["kind"], one["case"], one["says"].partition(" expired on ")[0]


def ranked(reports: Iterable[ReportData]) -> Iterator[BaselineMessage]:
    """Those last that know more."""
    late: list[BaselineMessage] = []
    for report in reports:
        ran = {form for case in report["cases"] for form in (case["id"], case_name(case))}
        for one in report["baseline"]["told"] if "baseline" in report else ():
            if one["case"] in ran:
                late.append(one)
            else:
                yield one
    yield from late
