"""The signals that a run could observe, as report.json has them and as people read them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import Final, TypedDict

from harness.model import Mode, Signal, SignalState
from harness.report.case_types import CaseData
from harness.report.data import ReportData, SignalData
from harness.report.faults import case_name, failed_findings
from harness.report.labels import WORDING
from harness.report.text import plural

UNANSWERED: Final = ("answered with status", "no complete answer")  # beginnings of reasons


class SignalView(TypedDict):
    """Dead signals: their meanings, where and why they are dead, what to do, and the open cases."""

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
    """Return the dead signals of a run."""
    return views_of_dead(report.get("signals", ()), report["cases"])


def views_of_dead(signals: Iterable[SignalData], cases: Sequence[CaseData]) -> list[SignalView]:
    """Return the dead signals; those with the same reason in the same modes are one entry."""
    dead = [entry for entry in signals if not entry["alive"]]
    modes: dict[tuple[str, str, str], list[Mode]] = {}
    for entry in dead:
        modes.setdefault(identity(entry), []).append(entry["mode"])
    groups: dict[tuple[str, str, tuple[Mode, ...]], list[SignalData]] = {}
    for entry in dead:
        where = entry["protocol"], entry["reason"], tuple(modes[identity(entry)])
        groups.setdefault(where, []).append(entry)
    return [view(cases, entries) for entries in groups.values()]


def identity(entry: SignalData) -> tuple[str, str, str]:
    return entry["protocol"], entry["signal"], entry["reason"]


def view(cases: Sequence[CaseData], entries: Sequence[SignalData]) -> SignalView:
    """Return what is shown of the dead signals of one entry."""
    names = list(dict.fromkeys(entry["signal"] for entry in entries))
    reason = entries[0]["reason"]
    modes = " and ".join(dict.fromkeys(entry["mode"] for entry in entries))
    first, *others = (meanings()[name] for name in names)
    undecided = [undecided_cases(cases, f"signal {name}: {reason}") for name in names]
    return {
        "meaning": "; ".join([first, *(f"{text[:1].lower()}{text[1:]}" for text in others)]),
        "where": f"{entries[0]['protocol']}, {modes}",
        "reason": reason,
        "advice": " ".join(dict.fromkeys(advice(name, reason) for name in names)),
        "cases": list(dict.fromkeys(chain.from_iterable(undecided))),
        "reported_by": list(dict.fromkeys(n for e in entries for n in e.get("reported_by", ()))),
    }


def undecided_cases(cases: Iterable[CaseData], reason: str) -> list[str]:
    return [
        case_name(case)
        for case in cases
        if case["outcome"] == "inconclusive" and case["reason"] == reason
    ]


def alive_signals(report: ReportData) -> list[str]:
    """Return the meanings of the signals that are alive wherever they were calibrated."""
    entries = report.get("signals", ())
    dead = {entry["signal"] for entry in entries if not entry["alive"]}
    names = dict.fromkeys(entry["signal"] for entry in entries if entry["signal"] not in dead)
    return [meanings()[name] for name in names]


def signal_lines(report: ReportData) -> list[tuple[str, str]]:
    """Return (number of undecided cases, sentence) for each entry of the dead signals."""
    return [signal_line(view) for view in dead_signals(report)]


def signal_line(view: SignalView) -> tuple[str, str]:
    """Return (number of undecided cases or empty, sentence) for one signal."""
    text = f"{view['meaning']} ({view['where']}): {sentence(view['reason'])} {view['advice']}"
    see = f" See {', '.join(view['reported_by'])}." if view["reported_by"] else ""
    return plural(len(view["cases"]), "case") if view["cases"] else "", text + see


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
