"""Finds the mistakes in loaded packs, for `harness check` and before a run.

A run accepts only packs that `harness check` accepts. The packs that ship are checked by the tests.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

from harness.load import consistency, requirements, smoke
from harness.load.absent_features import lineage
from harness.load.files import Problems
from harness.load.targets import load_target
from harness.model import Case, Pack, Plan, Row, Target
from harness.plan import plan
from harness.util import paths
from harness.util.errors import FileProblems


def check_packs(packs: Sequence[Pack]) -> None:
    """Raises FileProblems with the mistakes in those of the packs that do not ship."""
    by_id = {pack.id: pack for pack in packs}
    problems = [
        problem for pack in packs if not is_shipped(pack) for problem in pack_problems(pack, by_id)
    ]
    if problems:
        raise FileProblems(problems)


def is_shipped(pack: Pack) -> bool:
    return Path(pack.folder).resolve().is_relative_to(paths.cases_dir().resolve())


def pack_problems(pack: Pack, packs: Mapping[str, Pack]) -> Problems:
    """Return the mistakes in a loaded pack: in its files, and in what its cases expand to."""
    problems = [*requirements.requirement_problems(pack), *smoke.smoke_problems(pack)]
    problems += consistency.pack_problems(pack, rows_of(pack, packs))
    for case in pack.cases:
        try:
            preview(case, pack)
        except FileProblems as error:
            problems += error.problems
    return problems


def preview(case: Case, pack: Pack) -> Plan:
    """Return the plan of a case for a gateway that has every feature and a visible upstream.

    Raises:
        FileProblems: If the case cannot be planned.
    """
    return plan(case, pack, target_with_all())


@cache
def target_with_all() -> Target:
    return replace(load_target("builtin"), upstream=True)


def rows_of(pack: Pack, packs: Mapping[str, Pack]) -> dict[str, Row]:
    """Return the rows that the cases of a pack can use, by id; its own replace inherited ones."""
    inherited: Iterable[str] = (name for name in lineage(pack, packs) if name != pack.id)
    rows = {row.id: row for name in inherited for row in packs[name].rows}
    return rows | {row.id: row for row in pack.rows}
