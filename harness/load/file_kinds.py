"""Tells target, claims and baseline files apart and finds the mistakes in them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Final, Literal, get_args

from harness.load import files
from harness.load.deviations import baseline_entries, claims_in
from harness.load.files import File
from harness.load.targets import target_in_file
from harness.model import Pack, Target
from harness.util import json_pointer
from harness.util.suggestion import suggestion

Kind = Literal["target", "claims", "baseline"]
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)


@dataclass(frozen=True, slots=True)
class KnownNames:
    """The names of packs that the file can use."""

    rows: Collection[str]
    cases: Collection[str]
    features: Collection[str]
    behaviours: Collection[str]


def known_names(packs: Iterable[Pack], behaviours: Collection[str]) -> KnownNames:
    """Return the names that target, claims and baseline files can use, with and without a pack."""
    packs = tuple(packs)
    rows = {name for pack in packs for row in pack.rows for name in (row.id, f"{pack.id}/{row.id}")}
    rows |= {name for p in packs for case in p.cases for name in (case.row, f"{p.id}/{case.row}")}
    cases = {name for pack in packs for case in pack.cases for name in (case.id, case.name)}
    return KnownNames(rows, cases, {name for p in packs for name in p.features}, behaviours)


def kind_of(file: File) -> Kind | None:
    """Return what kind of file this is, judging by its keys; None if it is none of them."""
    data = file.data if isinstance(file.data, dict) else {}
    if {"endpoints", "fronts", "packs", "builtin"} & data.keys():
        return "target"
    if isinstance(data.get("deviations"), list):
        return "baseline"
    return "claims" if {"lacks", "deviations", "fields"} & data.keys() else None


def check_file(file: File, kind: Kind, names: KnownNames) -> None:
    """Add every mistake in a target, claims or baseline file to the file."""
    if kind == "baseline":
        for index, entry in enumerate(baseline_entries(file)):
            _check_name(file, f"/deviations/{index}/case", entry.case, names.cases, "case")
        return
    if kind == "target":
        target: Target | None = target_in_file(file)
        for index, name in enumerate(target.features if target else ()):
            _check_name(file, f"/features/{index}", name, names.features, "feature")
        is_valid = target is not None
    else:
        is_valid = not file.problems and files.validate(file, "claims")
    if is_valid:
        _check_claims(file, names)


def _check_claims(file: File, names: KnownNames) -> None:
    for index, name in enumerate(file.data.get("lacks", ())):
        _check_name(file, f"/lacks/{index}", name, names.features, "feature")
    for claim in claims_in(file):
        at = json_pointer.join(("deviations", claim.row))
        _check_name(file, at, claim.row, names.rows, "row")
        if claim.behaviour not in names.behaviours:
            known = ", ".join(names.behaviours)
            file.add_problem(
                f"{at}/behaviour", f"no behaviour `{claim.behaviour}`; there are {known}"
            )


def _check_name(file: File, at: str, name: str, known: Collection[str], what: str) -> None:
    if name not in known:
        hint = suggestion(name, known, "give the pack that has it along with the file")
        file.add_problem(at, f"no {what} `{name}`; {hint}")
