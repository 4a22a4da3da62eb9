"""Chooses the packs of a run, by its options and its target."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from harness.load.pack_folders import folders_with_cases, pack_lineage, with_sdk_packs
from harness.model import Pack, Target
from harness.model.options import Options


def pack_names(options: Options, target: Target) -> tuple[str, ...]:
    """Return the packs of the options, or of the target; with --case only what these need."""
    names = options.packs or target.packs
    names = with_sdk_packs(names) if options.clients else names
    if not options.cases:
        return names
    return tuple(map(str, folders_with_cases(options.cases, pack_lineage(names))))


def packs_of_cases(packs: Sequence[Pack], names: Sequence[str]) -> Sequence[Pack]:
    """Return what the named cases need: their packs and those these extend, with their rows."""
    chosen = [c for pack in packs for c in pack.cases if {c.id, c.name} & {*names}]
    if not chosen:
        return packs
    own = {case.pack for case in chosen}
    needed = own.union(*(pack.extends for pack in packs if pack.id in own))
    rows = {row for case in chosen for row in (case.row, *case.also)}
    return [
        replace(pack, rows=tuple(row for row in pack.rows if row.id in rows))
        for pack in packs
        if pack.id in needed
    ]
