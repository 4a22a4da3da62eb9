"""Loads files of mutants, and of changes that teach the reference gateway a field."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from harness.load import files
from harness.load.changes import change_problems
from harness.load.files import File
from harness.testbed.base import Mutant
from harness.testbed.gateway.gateway import Overrides
from harness.testbed.mutation.rows import changes_of, mutants_of, rows_in
from harness.util import json_pointer
from harness.util.errors import FileProblems
from harness.util.suggestion import suggestion


def load_mutants(path: Path, cases: Collection[str] | None = None) -> tuple[Mutant, ...]:
    """Return the mutants of a file.

    Args:
        cases: The full names of the cases that there are; without it cases are not checked.

    Raises:
        FileProblems: With every mistake in the file.
    """
    file = read_changes(path, "mutants")
    if not file.problems and cases is not None:
        check_cases(file, cases)
    if file.problems:
        raise FileProblems(file.problems)
    return mutants_of(file.data)


@dataclass(frozen=True, slots=True)
class OwnGateway:
    """An author's statements about the reference gateway.

    Attributes:
        overrides: What it does in addition.
        affects: Rows that can fail on a variant, by its id.
    """

    overrides: Overrides = field(default_factory=dict)
    affects: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def load_overrides(path: Path, variants: Collection[str]) -> OwnGateway:
    """Return `overrides` and `affects` of a file.

    Args:
        variants: The ids of the variants that there are.

    Raises:
        FileProblems: With every mistake in the file.
    """
    file = read_changes(path, "overrides")
    affects = {} if file.problems else file.data.get("affects", {})
    for name in affects:
        if name not in variants:
            hint = suggestion(name, variants)
            file.add_problem(
                f"/affects/{json_pointer.escape(name)}", f"no variant `{name}`; {hint}"
            )
    if file.problems:
        raise FileProblems(file.problems)
    return OwnGateway(changes_of(file.data), {k: tuple(rows) for k, rows in affects.items()})


def read_changes(path: Path, key: str) -> File:
    """Read a file and add every mistake in it to its problems; `key` is the list that it needs."""
    file = files.read(path)
    if not file.problems and files.validate(file, "mutants"):
        if key not in file.data:
            file.add_problem("", f"the file has no `{key}`")
        for name in ("mutants", "overrides"):
            for index, row in enumerate(file.data.get(name, ())):
                whole = {"protocol": file.data.get("protocol"), **row}
                for at, message in change_problems(whole):
                    file.add_problem(f"/{name}/{index}{at}", message)
        check_ids(file)
    return file


def check_ids(file: File) -> None:
    first_uses: dict[str, str] = {}
    for place, row in rows_in(file.data):
        if first_uses.setdefault(row["id"], place) != place:
            first = file.place_of(f"{first_uses[row['id']]}/id")
            message = f"duplicate id `{row['id']}`; first used at {first}"
            file.add_problem(f"{place}/id", message)


def check_cases(file: File, cases: Collection[str]) -> None:
    pack = file.data.get("pack")
    ids = {name.partition("/")[2] for name in cases}
    for place, row in rows_in(file.data):
        name = f"{pack}/{row['case']}" if pack else row["case"]
        if name not in cases and not (pack is None and "/" not in name and name in ids):
            message = f"there is no case `{name}`; {suggestion(name, cases)}".rstrip("; ")
            file.add_problem(f"{place}/case", message)
