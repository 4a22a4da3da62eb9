"""Whether a target works with a client: one line for each client whose requests were sent.

A line says "works" only if every case of the client was sent. A client whose row is declared as
`honoured_or_refused` cannot go on after a refusal, although the refusal is permitted; the cases of
other clients permit only refusals that their client survives.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from harness.model import Outcome
from harness.report.case_types import CaseData, CaseIdentity
from harness.report.credit import is_refused
from harness.report.data import FieldData, ReportData
from harness.report.faults import case_name
from harness.report.text import plural

LOCATION: Final = "client"  # of rows about all that one client sends
NEEDS_PROVIDER: Final = "opt-in: --upstream"  # why a case was not sent
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
    """The line of one client; `row` is the full name of its row."""

    row: str
    outcome: Outcome
    text: str
    own_feature: bool


def client_lines(report: ReportData) -> list[ClientLine]:
    """Return a line for each client of which a case was judged, the worst outcome first.

    A client without a feature of its own has no line if nothing but its absence from the selection
    is to say.
    """
    lines = []
    for row in report["fields"]:
        cases = [case for case in report["cases"] if is_of(case, row)]
        judged = [case for case in cases if case["outcome"] in ORDER]
        if row["location"] != LOCATION or not judged:
            continue
        left_out = unsent(report, row) + len(cases) - len(judged)
        refused = [case for case in judged if is_refused(case)] if row["declared"] == STOPS else []
        state = state_of(judged, refused, left_out)
        if state != "unsent" or row["features"]:
            outcome, phrase = PHRASES[state]
            text = f"{phrase.format(row['path'].strip('()'))} "
            text += detail(state, judged, refused, left_out, reason(report, row, judged))
            name = f"{row['pack']}/{row['row']}"
            lines.append(ClientLine(name, outcome, text, bool(row["features"])))
    return sorted(lines, key=lambda line: ORDER.index(line.outcome))


def is_of(case: CaseIdentity, row: FieldData) -> bool:
    """Whether a case is about a row, also if what it found is a fault of another row."""
    return case["pack"] == row["pack"] and row["row"] in (case["row"], *case["also"])


def state_of(cases: Sequence[CaseData], refused: Sequence[CaseData], left_out: int) -> State:
    """Return what is known about a client.

    Args:
        cases: Its judged cases.
        refused: Those after whose refusal it cannot go on.
        left_out: The number of its cases that were not sent.
    """
    outcomes = {case["outcome"] for case in cases}
    if "fail" in outcomes:
        return "fail"
    if refused:
        return "refused"
    if "inconclusive" in outcomes:
        return "inconclusive"
    if left_out:
        return "unsent"
    return "warn" if "warn" in outcomes else "pass"


def detail(
    state: State,
    cases: Sequence[CaseData],
    refused: Sequence[CaseData],
    left_out: int,
    why: str,
) -> str:
    """Return the end of a line: the counts, and the reason why it does not simply work."""
    passed = sum(case["outcome"] in ("pass", "warn") for case in cases)
    counts = f"{passed} of {plural(len(cases), 'case')} pass{'es' if passed == 1 else ''}"
    counts = f"({counts}, {left_out} not sent)" if left_out else f"({counts})"
    if state == "refused":
        others = f" and {len(refused) - 1} more were" if len(refused) > 1 else " was"
        return f"{counts}: {refused[0]['id']}{others} refused, which is permitted"
    return f"{counts}: {why}" if why and state in ("fail", "warn") else counts


def reason(report: ReportData, row: FieldData, cases: Iterable[CaseData]) -> str:
    """Return the title of the first fault of these cases, else what was observed of the row."""
    names = {case_name(case) for case in cases}
    titles = (fault["title"] for fault in report["faults"] if names & {*fault["cases"]})
    return next(titles, row["observed"])


def unsent(report: ReportData, row: FieldData) -> int:
    """Return how many cases of a row were not sent, although they need no provider."""
    left_out = [case for case in report["not_selected"] if is_of(case, row)]
    return sum(case["reason"] != NEEDS_PROVIDER for case in left_out)
