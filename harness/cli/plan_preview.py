"""Plans cases without a target, for the commands that show or check them."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from harness.util.errors import UsageError

if TYPE_CHECKING:
    from harness.model import Case, Pack, Plan, Row


def load_shipped_or(packs: tuple[str, ...]) -> dict[str, Pack]:
    """Return packs by id, with those that they extend; all that ship if none is named."""
    from harness.language.behaviours import BY_ID
    from harness.load.pack_folders import shipped_packs
    from harness.load.packs import load_packs

    return {pack.id: pack for pack in load_packs(packs or shipped_packs(), tuple(BY_ID))}


def preview(case: Case, pack: Pack) -> Plan:
    """Return the plan of a case for a gateway that has every feature and a visible upstream.

    Raises:
        FileProblems: If the case cannot be planned.
    """
    from harness.load.targets import load_target
    from harness.plan import plan

    return plan(case, pack, replace(load_target("builtin"), upstream=True))


def find_case(packs: Iterable[Pack], name: str) -> Case:
    """Return the case with an id (ID or PACK/ID).

    Raises:
        UsageError: If there is no such case, or several; it names similar ones.
    """
    cases = [case for pack in packs for case in pack.cases]
    matches = [case for case in cases if name in (case.id, case.name)]
    if len(matches) > 1:
        raise UsageError(f"several cases are called `{name}`: {', '.join(c.name for c in matches)}")
    if matches:
        return matches[0]
    names = {case.name if "/" in name else case.id for case in cases}
    similar = difflib.get_close_matches(name, names, 3)
    hint = f"did you mean {' or '.join(similar)}?" if similar else "see `harness list`"
    raise UsageError(f"no case `{name}`; {hint}")


def row_of(case: Case, packs: Iterable[Pack]) -> Row | None:
    """Return the row of a case, from its own pack or from one that the pack extends."""
    own_pack_first = sorted(packs, key=lambda pack: pack.id != case.pack)
    return next((row for pack in own_pack_first for row in pack.rows if row.id == case.row), None)


def rows_of(pack: Pack, packs: dict[str, Pack]) -> dict[str, Row]:
    """Return the rows that the cases of a pack can use, by id."""
    rows: dict[str, Row] = {}
    for parent in pack.extends:
        if parent in packs:
            rows |= rows_of(packs[parent], packs)
    return rows | {row.id: row for row in pack.rows}
