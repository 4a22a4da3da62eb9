"""The recorded exchanges of a run that its page shows."""

from __future__ import annotations

from pathlib import Path

from harness.plan.repetitions import combine_repetitions
from harness.report.data import ReportData
from harness.report.faults import case_name
from harness.report.page_store import PageStore
from harness.run.replay import RecordedRun, load_recorded


def exchanges_of(run: RecordedRun, report: ReportData) -> PageStore:
    """Return the exchanges of the cases of a report that a recorded run has."""
    store = PageStore(key_variable=report["target"].get("key_env", ""))
    turns = range(1, run.repeat + 1)
    for case in report["cases"]:
        if case_name(case) in run.by_case:
            plan = combine_repetitions(run.by_case[case_name(case)], turns)
            store.add(plan, run.recorded, case)
    return store


def exchanges_beside(transcript: Path, report: ReportData) -> PageStore:
    """Return the exchanges of a report's cases from a transcript; none if it is of another run.

    Raises UsageError for a file that is not a transcript.
    """
    if not transcript.exists():
        return PageStore()
    run = load_recorded(str(transcript), unfinished=True)
    return exchanges_of(run, report) if run.header["started"] == report["started"] else PageStore()
