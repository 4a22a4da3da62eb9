"""Tells target, claims and baseline files apart and finds the mistakes in them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Final, Literal, get_args

from harness.load import files
from harness.load.deviations import baseline_entries, claims_in
from harness.load.files import File
from harness.load.targets import target_in_file
from harness.model import Pack
from harness.util import json_pointer
from harness.util.suggestion import suggestion

Kind = Literal["target", "claims", "baseline"]
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)


class KnownNames:
    """The names that target, claims and baseline files can use, with and without a pack."""

    def __init__(self, packs: Iterable[Pack], behaviours: Collection[str]) -> None:
        self.behaviours = behaviours
        self.rows, self.cases, self.features = set[str](), set[str](), set[str]()
        for pack in packs:
            rows = {row.id for row in pack.rows} | {case.row for case in pack.cases}
            self.rows |= rows | {f"{pack.id}/{row}" for row in rows}
            self.cases |= {name for case in pack.cases for name in (case.id, case.name)}
            self.features |= pack.features.keys()


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
        is_valid = target_in_file(file) is not None
    else:
        is_valid = not file.problems and files.validate(file, "claims")
    if is_valid:
        _check_claims(file, names)


def _check_claims(file: File, names: KnownNames) -> None:
    for key in ("features", "lacks"):
        for index, name in enumerate(file.data.get(key, ())):
            _check_name(file, f"/{key}/{index}", name, names.features, "feature")
    for claim in claims_in(file):
        at = json_pointer.join(("deviations", claim.row))
        _check_name(file, at, claim.row, names.rows, "row")
        if claim.behaviour not in names.behaviours:
            message = f"no behaviour `{claim.behaviour}`; there are {', '.join(names.behaviours)}"
            file.add_problem(f"{at}/behaviour", message)


def _check_name(file: File, at: str, name: str, known: Collection[str], what: str) -> None:
    if name not in known:
        hint = suggestion(name, known, "give the pack that has it along with the file")
        file.add_problem(at, f"no {what} `{name}`; {hint}")
