"""Leaves out cases of features that a pack's document does not have.

A pack that extends another one can give one of its features the tier `absent`. A run of both packs
then sends no case of that feature, and reports no row that only such cases cover.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from harness.model import Pack

ABSENT: Final = "absent"


def without_absent_features(packs: Sequence[Pack]) -> list[Pack]:
    """Return the packs of a run, without the cases of features that one of them lacks."""
    by_id = {pack.id: pack for pack in packs}
    absent = {
        (ancestor, feature)
        for pack in packs
        for feature, tier in pack.features.items()
        if tier == ABSENT
        for ancestor in lineage(pack, by_id)
    }
    return [
        without_features(pack, {name for id_, name in absent if id_ == pack.id}) for pack in packs
    ]


def has_absent_features(packs: Iterable[Pack]) -> bool:
    """Whether one of the packs describes an endpoint that lacks a feature of another pack."""
    return any(ABSENT in pack.features.values() for pack in packs)


def lineage(pack: Pack, packs: Mapping[str, Pack]) -> Iterable[str]:
    """Return the ids of a pack and of all packs that it extends, each once."""
    ids: dict[str, None] = {}
    todo = [pack.id]
    while todo:
        name = todo.pop()
        if name not in ids and (name in packs or name == pack.id):
            ids[name] = None
            todo += packs[name].extends if name in packs else pack.extends
    return ids


def without_features(pack: Pack, features: set[str]) -> Pack:
    """Return the pack without the cases of some features, and without rows that lose all cases."""
    kept = tuple(case for case in pack.cases if case.feature not in features)
    if len(kept) == len(pack.cases):
        return pack
    covered = {row for case in kept for row in (case.row, *case.also)}
    lost = {row for case in pack.cases for row in (case.row, *case.also)} - covered
    return replace(pack, cases=kept, rows=tuple(row for row in pack.rows if row.id not in lost))
