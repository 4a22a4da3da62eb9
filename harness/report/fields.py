"""The field-support table: what each row of the documents declares, and what was observed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from harness.model import GRADES, LEVELS, OUTCOMES, Grade, Mode, Outcome, Pack, Row
from harness.model.exchanges import AGAIN, SIMPLER
from harness.report.case_rows import cases_for_row, main_row
from harness.report.case_types import CaseData, CaseIdentity, ShotData, UnselectedData
from harness.report.credit import POSITIVE, all_refused, showing_cases
from harness.report.data import FieldData, RowOutcome
from harness.report.faults import case_name
from harness.report.findings import describe_row

AnyCase = TypeVar("AnyCase", bound=CaseIdentity)


def field_table(
    packs: Sequence[Pack], cases: Sequence[CaseData], unselected: Sequence[UnselectedData] = ()
) -> list[FieldData]:
    """One element for each row of each pack; packs that others extend come last."""
    sent = group_by_row(packs, cases, lambda case: main_row(case, packs))
    unsent = group_by_row(packs, unselected, lambda case: case["row"])
    extended = {parent for pack in packs for parent in pack.extends}
    return [
        field_data(
            pack,
            row,
            cases_for_row(row, sent.get((pack.id, row.id), []), packs),
            unsent.get((pack.id, row.id), []),
        )
        for pack in sorted(packs, key=lambda pack: pack.id in extended)
        for row in pack.rows
    ]


def group_by_row(
    packs: Sequence[Pack], cases: Iterable[AnyCase], main: Callable[[AnyCase], str]
) -> dict[tuple[str, str], list[AnyCase]]:
    """The cases of each (pack, row): of the case's own pack if it has the row, else of another."""
    rows = {pack.id: {row.id for row in pack.rows} for pack in packs}
    groups: dict[tuple[str, str], list[AnyCase]] = {}
    for case in cases:
        for row in dict.fromkeys((main(case), case["row"], *case["also"])):
            own_first = sorted(rows, key=lambda pack: pack != case["pack"])
            pack = next((pack for pack in own_first if row in rows[pack]), None)
            if pack is not None:
                groups.setdefault((pack, row), []).append(case)
    return groups


def field_data(
    pack: Pack, row: Row, cases: list[CaseData], unselected: list[UnselectedData]
) -> FieldData:
    outcome, reason = row_outcome(row, cases, unselected)
    data: FieldData = {
        "pack": pack.id,
        "row": row.id,
        "path": row.path,
        "location": row.location,
        "declared": row.declared,
        "status": row.documented_as,
        "note": row.note,
        "observed": describe_row(outcome, cases) if cases else reason,
        "outcome": outcome,
        "evidence": row_evidence(outcome, cases),
        "plain": mode_outcome(cases, "plain"),
        "stream": mode_outcome(cases, "stream"),
        "level": min((case["level"] for case in cases), key=LEVELS.index, default=None),
        "features": sorted({c["feature"] for c in (*cases, *unselected) if c["tier"] != "core"}),
        "reason": reason,
        "cases": [case_name(case) for case in cases],
    }
    if outcome in POSITIVE and all_refused(cases):
        data["refused"] = True
    if is_known(outcome, cases):
        data["known"] = True
    return data


def row_outcome(
    row: Row, cases: list[CaseData], unselected: list[UnselectedData]
) -> tuple[RowOutcome, str]:
    """The strongest outcome of the row's cases, and why there is no verdict."""
    outcome = strongest(case["outcome"] for case in cases)
    if outcome in ("skip", "inconclusive"):
        return outcome, next(case["reason"] for case in cases if case["outcome"] == outcome)
    if outcome:
        return outcome, ""
    if row.not_testable:
        return "not-testable", row.not_testable
    if unselected:
        return "not-selected", unselected[0]["reason"]
    return "not-testable", "no case covers it yet"


def is_known(outcome: RowOutcome, cases: list[CaseData]) -> bool:
    """Whether the baseline covers everything that decides the row."""
    known = [case.get("known") for case in cases if case["outcome"] == outcome]
    return bool(known) and all(entry is not None and entry["whole"] for entry in known)


def strongest(outcomes: Iterable[Outcome]) -> Outcome | None:
    return min(outcomes, key=OUTCOMES.index, default=None)


def row_evidence(outcome: RowOutcome, cases: list[CaseData]) -> Grade:
    """The best grade of the cases, each of which shows another side; a fail has its own grade.

    That wrong values are refused does not show that right ones work.
    """
    if outcome in POSITIVE:
        deciding = showing_cases(cases)
    else:
        deciding = [case for case in cases if case["outcome"] == outcome]
    grades = [case["evidence"] for case in deciding if case["outcome"] != "skip"]
    return max(grades, key=GRADES.index, default="none")


def mode_outcome(cases: list[CaseData], mode: Mode) -> Outcome | None:
    """The strongest outcome in a mode. A case that no single shot decides counts in its modes."""
    outcomes: list[Outcome] = []
    for case in cases:
        shots = [shot for shot in case["shots"] if is_judged(shot)]
        own = {shot["outcome"] for shot in shots}
        undecided = case["outcome"] == "inconclusive" and not {"inconclusive", "fail"} & own
        in_mode = [shot["outcome"] for shot in shots if shot["mode"] == mode]
        outcomes += ["inconclusive" for _ in in_mode] if undecided else in_mode
    return strongest(outcomes)


def is_judged(shot: ShotData) -> bool:
    """Whether a shot counts in its mode; one sent to explain another shot often has no finding."""
    return shot["outcome"] != "inconclusive" or shot["tag"] not in (SIMPLER, AGAIN)


def displayed_outcome(shot: ShotData) -> Outcome:
    """The outcome of a shot for people: an answered request without findings passes."""
    answered = shot["status"] is not None and 200 <= shot["status"] < 300
    return "pass" if answered and not is_judged(shot) else shot["outcome"]
