"""Builds the report of a live run from what was judged."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.load.pack_folders import shipped_packs
from harness.report.build import build_report
from harness.report.data import ReportData, RunFacts
from harness.report.signals import signal_data
from harness.run import facts

if TYPE_CHECKING:
    from harness.run.live_session import LiveSession


def final_report(session: LiveSession) -> ReportData:
    """Return the report of a run that has ended; judged cases are in the order of the packs."""
    packs, reason = [*session.packs.values()], session.footer["reason"]
    cases = (case for pack in packs for case in pack.cases)
    judged = [session.entries[case.name] for case in cases if case.name in session.entries]
    otherwise = facts.not_judged(reason) if reason else "deselected"
    others = facts.not_selected(packs, session.entries, session.info, otherwise)
    run: RunFacts = {**session.facts, **facts.end_facts(session.started, session.footer)}
    run["signals"] = signal_data(session.signal_states)
    if session.baseline:
        messages = session.baseline.messages(judged, others, shipped_packs())
        run["baseline"] = {"file": session.options.baseline, "told": messages}
    return build_report(run, packs, judged, others)
