"""Whether a target works with a client: one line for each client whose requests were sent.

A line states "works" only if every case of the client was sent. A client whose row is declared as
`honoured_or_refused` cannot go on after a refusal, although the refusal is permitted; the cases of
other clients permit only refusals that their client survives.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from harness.model import Outcome
from harness.report.case_types import CaseData, CaseIdentity
from harness.report.credit import is_refused
from harness.report.data import FieldData, ReportData
from harness.report.fault_types import FaultData
from harness.report.faults import case_name
from harness.report.text import plural

LOCATION: Final = "client"  # of rows about all that one client sends
NEEDS_PROVIDER: Final = "opt-in: --upstream"  # why a case was not sent
SHARED: Final = ("stream", "http")  # kinds of faults that cases of their own report for all answers
STOPS: Final = "honoured_or_refused"  # the behaviour of a row whose client a refusal stops
ORDER: Final[tuple[Outcome, ...]] = ("fail", "inconclusive", "warn", "pass")
State = Literal["fail", "refused", "inconclusive", "unsent", "warn", "pass"]
PHRASES: Final[Mapping[State, tuple[Outcome, str]]] = {
    "fail": ("fail", "Does not work with {}"),
    "refused": ("warn", "Works only in part with {}"),
    "inconclusive": ("inconclusive", "Not known whether it works with {}"),
    "unsent": ("inconclusive", "Not known whether it works with {}"),
    "warn": ("warn", "Works with {}, with warnings"),
    "pass": ("pass", "Works with {}"),
}


@dataclass(frozen=True, slots=True)
class ClientLine:
    """The line of one client; `own_feature` if its cases belong to no other feature."""

    outcome: Outcome
    text: str
    own_feature: bool


@dataclass(frozen=True, slots=True)
class ClientResults:
    """The results of a client in a run.

    Attributes:
        cases: Its judged cases.
        failing: Those that fail, or whose requests have a fault of all answers.
        refused: Those after whose refusal it cannot go on.
        left_out: The number of its cases that were not sent.
        why: The title of the first fault of these cases, else what was observed of the row.
    """

    cases: Sequence[CaseData]
    failing: Sequence[CaseData]
    refused: Sequence[CaseData]
    left_out: int
    why: str

    def state(self) -> State:
        outcomes = {case["outcome"] for case in self.cases}
        if self.failing:
            return "fail"
        if self.refused:
            return "refused"
        if "inconclusive" in outcomes:
            return "inconclusive"
        if self.left_out:
            return "unsent"
        return "warn" if "warn" in outcomes else "pass"

    def detail(self) -> str:
        """Return the counts, and the reason why the target does not simply work."""
        good = [c for c in self.cases if c["outcome"] in ("pass", "warn") and c not in self.failing]
        counts = f"{len(good)} of {plural(len(self.cases), 'case')} pass"
        counts += "es" if len(good) == 1 else ""
        counts += f", {self.left_out} not sent" if self.left_out else ""
        if self.state() == "refused":
            others = f" and {len(self.refused) - 1} more were" if len(self.refused) > 1 else " was"
            return f"({counts}): {self.refused[0]['id']}{others} refused, which is permitted"
        has_reason = self.why and self.state() in ("fail", "warn")
        return f"({counts}): {self.why}" if has_reason else f"({counts})"


def client_lines(report: ReportData) -> list[ClientLine]:
    """Return a line for each client of which a case was judged, the worst outcome first.

    A client without a feature of its own has no line if only some of its cases were sent and these
    show no difference.
    """
    lines = []
    for row in (row for row in report["fields"] if row["location"] == LOCATION):
        results = results_of_client(report, row)
        state, own_feature = results.state(), bool(row["features"])
        if results.cases and (state != "unsent" or own_feature):
            outcome, phrase = PHRASES[state]
            text = f"{phrase.format(row['path'].strip('()'))} {results.detail()}"
            lines.append(ClientLine(outcome, text, own_feature))
    return sorted(lines, key=lambda line: ORDER.index(line.outcome))


def results_of_client(report: ReportData, row: FieldData) -> ClientResults:
    """Return the results of the client of a row."""
    cases = [case for case in report["cases"] if is_of(case, row)]
    judged = [case for case in cases if case["outcome"] in ORDER]
    shared = {fault["rule"] for fault in report["faults"] if is_shared(fault, row)}
    failing = [case for case in judged if case["outcome"] == "fail" or shared & recorded(case)]
    rules = {rule for case in failing for rule in shared & recorded(case)}
    names = {case_name(case) for case in judged}
    faults = [f for f in report["faults"] if names & {*f["cases"]} or f["rule"] in rules]
    return ClientResults(
        cases=judged,
        failing=failing,
        refused=[case for case in judged if is_refused(case)] if row["declared"] == STOPS else [],
        left_out=unsent(report, row) + len(cases) - len(judged),
        why=next((fault["title"] for fault in faults), row["observed"]),
    )


def is_of(case: CaseIdentity, row: FieldData) -> bool:
    """Whether a case is about a row, also if what it found is a fault of another row."""
    return case["pack"] == row["pack"] and row["row"] in (case["row"], *case["also"])


def is_shared(fault: FaultData, row: FieldData) -> bool:
    """Whether a fault is one that all streams or answers of the row's pack can have."""
    in_pack = any(name.startswith(f"{row['pack']}/") for name in fault["cases"])
    return in_pack and fault["level"] == "must" and fault["kind"] in SHARED


def recorded(case: CaseData) -> set[str]:
    """Return the rules that the case's requests violate, and that cases of other rows report."""
    return {f["rule"] for f in case["findings"] if not f["holds"] and f["level"] == "may"}


def unsent(report: ReportData, row: FieldData) -> int:
    """Return how many cases of a row were not sent, although they need no provider."""
    left_out = [case for case in report["not_selected"] if is_of(case, row)]
    return sum(case["reason"] != NEEDS_PROVIDER for case in left_out)
