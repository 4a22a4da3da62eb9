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
    """Merge the transcripts of shards into one in `out`, and judge it.

    Raises:
        UsageError: If the shards do not belong to one run, or a report contradicts its transcript.
    """
    path = out / "transcript.jsonl"
    if any(Path(each).resolve() == path.resolve() for each in transcripts):
        raise UsageError(f"--out {out}: this folder contains a shard; choose another folder")
    merge(transcripts, path)
    merged = load_recorded(str(path)).report()
    shard_cases = {case_name(case): case for report in reports for case in report["cases"]}
    for case in merged["cases"]:
        before = shard_cases.get(case_name(case))
        outcome = before["outcome"] if before else "nothing"
        if before is None or outcome != case["outcome"]:
            raise UsageError(
                f"{case_name(case)}: its outcome is {outcome} in the report and "
                f"{case['outcome']} in the transcript: they are from different runs or from "
                "different versions of the harness"
            )
        if "known" in before:
            case["known"] = before["known"]
    if any("baseline" in report for report in reports):
        merged["baseline"] = merge_baselines(reports)
    return merged


def merge_baselines(reports: Sequence[ReportData]) -> BaselineData:
    """Return one message for each entry; that of the shard that ran its case has precedence."""
    baselines = [report["baseline"] for report in reports if "baseline" in report]
    messages = {entry_key(message): message for message in by_precedence(reports)}
    return {"file": baselines[0]["file"], "told": list(messages.values())}


def entry_key(message: BaselineMessage) -> tuple[str, str, str]:
    """Return what identifies the entry; there are two messages about an expired entry."""
    return message["kind"], message["case"], message["says"].partition(" expired on ")[0]


def by_precedence(reports: Iterable[ReportData]) -> Iterator[BaselineMessage]:
    """Yield the messages about cases that a shard ran last, so that they replace the others."""
    late: list[BaselineMessage] = []
    for report in reports:
        ran = {form for case in report["cases"] for form in (case["id"], case_name(case))}
        for message in report["baseline"]["told"] if "baseline" in report else ():
            if message["case"] in ran:
                late.append(message)
            else:
                yield message
    yield from late
