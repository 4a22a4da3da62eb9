"""Builds the report of a live run from what was judged."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from harness.fire.redaction.results import Hide, hidden_data
from harness.load.pack_folders import shipped_packs
from harness.model import Pack, Plan
from harness.report.baseline import Baseline
from harness.report.build import build_report
from harness.report.case_types import CaseData
from harness.report.data import ReportData, RunFacts
from harness.run import facts


def final_report(
    run: RunFacts,
    hide: Hide,
    packs: Sequence[Pack],
    entries: Mapping[str, CaseData],
    info: facts.RunInfo,
    reason: str,
    plans: Iterable[Plan],
    baseline: tuple[str, Baseline] | None,
) -> ReportData:
    """Return the report of a run that has ended; judged cases are in the order of the packs.

    Args:
        hide: Returns a text without the secrets of the run.
        reason: Why the run ended early, or "".
        plans: The plans of the cases.
        baseline: The name of the file, and its entries.
    """
    cases = (case for pack in packs for case in pack.cases)
    judged = [entries[case.name] for case in cases if case.name in entries]
    otherwise = facts.not_judged(reason) if reason else "deselected"
    others = facts.not_selected(packs, entries, info, otherwise)
    if baseline:
        messages = baseline[1].messages(judged, others, shipped_packs())
        run = {**run, "baseline": {"file": baseline[0], "told": messages}}
    return build_report(hidden_data(run, hide), packs, judged, others, plans)
