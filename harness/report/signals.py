"""The signals that a run could observe, as report.json has them and as people read them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, TypedDict

from harness.model import Signal, SignalState
from harness.report.case_types import CaseData
from harness.report.data import ReportData, SignalData
from harness.report.faults import case_name, failed_findings
from harness.report.labels import WORDING
from harness.report.text import plural

UNANSWERED: Final = ("answered with status", "no complete answer")  # beginnings of reasons


class SignalView(TypedDict):
    """A dead signal: its meaning, where and why it is dead, what to do, and its open cases."""

    signal: Signal
    meaning: str
    where: str
    reason: str
    advice: str
    cases: list[str]
    reported_by: list[str]


def signal_data(states: Iterable[SignalState]) -> list[SignalData]:
    """Return each signal once. One that is dead in some shard of a run is dead."""
    merged: dict[tuple[str, str, str], SignalState] = {}
    for state in states:
        known = merged.setdefault((state.protocol, state.mode, state.signal), state)
        if known.alive and not state.alive:
            merged[state.protocol, state.mode, state.signal] = state
    return [
        {
            "protocol": state.protocol,
            "mode": state.mode,
            "signal": state.signal,
            "alive": state.alive,
            "reason": state.reason,
        }
        for state in merged.values()
    ]


def link_signals(
    signals: Iterable[SignalData], cases: Sequence[CaseData], protocols: Mapping[str, str]
) -> list[SignalData]:
    """Return the signals; dead ones have the names of the cases that report it as a fault.

    Args:
        protocols: The protocol of each pack.
    """
    links = [
        (protocols.get(case["pack"], ""), signal, mode, case_name(case))
        for case in cases
        for mode in sorted(failed_modes(case))
        for signal in case.get("observes", ())
    ]
    linked: list[SignalData] = []
    for entry in signals:
        where = (entry["protocol"], entry["signal"], entry["mode"])
        names = [name for *key, name in links if not entry["alive"] and tuple(key) == where]
        linked.append({**entry, "reported_by": names} if names else entry)
    return linked


def failed_modes(case: CaseData) -> set[str]:
    """Return the modes in which an assertion of a case fails."""
    failed = {finding["shot"] for finding in failed_findings(case)}
    return {shot["mode"] for shot in case["shots"] if shot["id"] in failed}


def dead_signals(report: ReportData) -> list[SignalView]:
    """Return the dead signals; those with the same reason in both modes are one entry."""
    groups: dict[tuple[str, Signal, str], list[SignalData]] = {}
    for entry in report.get("signals", ()):
        if not entry["alive"]:
            key = (entry["protocol"], entry["signal"], entry["reason"])
            groups.setdefault(key, []).append(entry)
    return [
        {
            "signal": signal,
            "meaning": meanings()[signal],
            "where": f"{protocol}, {' and '.join(entry['mode'] for entry in entries)}",
            "reason": reason,
            "advice": advice(signal, reason),
            "cases": undecided_cases(report, f"signal {signal}: {reason}"),
            "reported_by": [*dict.fromkeys(n for e in entries for n in e.get("reported_by", ()))],
        }
        for (protocol, signal, reason), entries in groups.items()
    ]


def undecided_cases(report: ReportData, reason: str) -> list[str]:
    return [
        case_name(case)
        for case in report["cases"]
        if case["outcome"] == "inconclusive" and case["reason"] == reason
    ]


def alive_signals(report: ReportData) -> list[str]:
    """Return the meanings of the signals that are alive wherever they were calibrated."""
    entries = report.get("signals", ())
    dead = {entry["signal"] for entry in entries if not entry["alive"]}
    names = dict.fromkeys(entry["signal"] for entry in entries if entry["signal"] not in dead)
    return [meanings()[name] for name in names]


def signal_lines(report: ReportData) -> list[tuple[str, str]]:
    """Return (number of undecided cases, sentence) for dead signals with one reason each."""
    groups: dict[tuple[str, str], list[SignalView]] = {}
    for view in dead_signals(report):
        groups.setdefault((view["where"], view["reason"]), []).append(view)
    return [signal_line(views) for views in groups.values()]


def signal_line(views: Sequence[SignalView]) -> tuple[str, str]:
    cases = dict.fromkeys(name for view in views for name in view["cases"])
    reported = dict.fromkeys(name for view in views for name in view["reported_by"])
    first, *others = (view["meaning"] for view in views)
    meaning = "; ".join([first, *(f"{text[:1].lower()}{text[1:]}" for text in others)])
    what_to_do = " ".join(dict.fromkeys(view["advice"] for view in views))
    text = f"{meaning} ({views[0]['where']}): {sentence(views[0]['reason'])} {what_to_do}"
    see = f" See {', '.join(reported)}." if reported else ""
    return plural(len(cases), "case") if cases else "", text + see


def sentence(text: str) -> str:
    """Return the text with a full stop; a quoted sentence at its end has one."""
    return text if text.endswith((".", ".'")) else f"{text}."


def advice(signal: Signal, reason: str) -> str:
    """Return what to do so that a run can observe the signal."""
    key = "unanswered" if reason.startswith(UNANSWERED) else signal
    return str(WORDING["advice"][key])


def meanings() -> Mapping[Signal, str]:
    """Return what each signal shows, in a few words."""
    known: Mapping[Signal, str] = WORDING["signals"]
    return known
