"""Rows, case entries -> the field-support matrix: declared against seen. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from harness.model import GRADES, LEVELS, OUTCOMES, Pack, Row
from harness.report.faults import name
from harness.report.observed import observed

Entry = dict[str, Any]


def fields(
    packs: Sequence[Pack], cases: Sequence[Entry], left_out: Sequence[Entry] = ()
) -> list[Entry]:
    """One entry for each row of each pack, the packs that build on others first."""
    ran, unfired = by_row(packs, cases), by_row(packs, left_out)
    return [
        field(pack, row, ran.get((pack.id, row.id), []), unfired.get((pack.id, row.id), []))
        for pack in leading(packs)
        for row in pack.rows
    ]


def leading(packs: Sequence[Pack]) -> list[Pack]:
    """The packs that are the run's subject, then those they only extend."""
    extended = {parent for pack in packs for parent in pack.extends}
    return sorted(packs, key=lambda pack: pack.id in extended)


def by_row(packs: Sequence[Pack], cases: Iterable[Entry]) -> dict[tuple[str, str], list[Entry]]:
    """Cases under the row of their own pack, or else of the pack that has such a row."""
    homes = {pack.id: {row.id for row in pack.rows} for pack in packs}
    found: dict[tuple[str, str], list[Entry]] = {}
    for case in cases:
        for row in dict.fromkeys((case["row"], *case["also"])):
            for pack in sorted(homes, key=lambda home: home != case["pack"]):
                if row in homes[pack]:
                    found.setdefault((pack, row), []).append(case)
                    break
    return found


def field(pack: Pack, row: Row, ran: list[Entry], unfired: list[Entry]) -> Entry:
    outcome = strongest(case["outcome"] for case in ran)
    reason = ""
    if outcome is None:
        outcome, reason = absent(row, unfired)
    elif outcome in ("skip", "inconclusive"):
        reason = next(case["reason"] for case in ran if case["outcome"] == outcome)
    return {
        "pack": pack.id,
        "row": row.id,
        "path": row.path,
        "location": row.location,
        "declared": row.declared,
        "status": row.documented_as,
        "note": row.note,
        "observed": observed(outcome, ran) if ran else reason,
        "outcome": outcome,
        "evidence": best(outcome, ran),
        "plain": in_mode(ran, "plain"),
        "stream": in_mode(ran, "stream"),
        "level": min((case["level"] for case in ran), key=LEVELS.index, default=None),
        "features": sorted({c["feature"] for c in (*ran, *unfired) if c["tier"] != "core"}),
        "reason": reason,
        "cases": [name(case) for case in ran],
        **({"known": True} if known(outcome, ran) else {}),
    }


def known(outcome: str, ran: list[Entry]) -> bool:
    """Whether all that decides a row is a deviation that was accepted."""
    deciding = [case.get("known") for case in ran if case["outcome"] == outcome]
    return bool(deciding) and all(one and one["whole"] for one in deciding)


def absent(row: Row, unfired: list[Entry]) -> tuple[str, str]:
    """Why a row has no verdict; the document's own limits come first."""
    if row.not_testable:
        return "not-testable", row.not_testable
    if unfired:
        return "not-selected", unfired[0]["reason"]
    return "not-testable", "no case demands it yet"


def strongest(outcomes: Iterable[str]) -> str | None:
    order: list[str] = [*OUTCOMES]
    return min(outcomes, key=order.index, default=None)


def best(outcome: str, ran: list[Entry]) -> str:
    """A fail has its own evidence; else the best of the cases counts: each shows a side of it."""
    decisive = [case for case in ran if case["outcome"] == outcome or outcome in ("warn", "pass")]
    shown = [str(case["evidence"]) for case in decisive if case["outcome"] != "skip"]
    order: list[str] = [*GRADES]
    return max(shown, key=order.index, default="none")


def in_mode(ran: list[Entry], mode: str) -> str | None:
    return strongest(
        shot["outcome"] for case in ran for shot in case["shots"] if shot["mode"] == mode
    )
