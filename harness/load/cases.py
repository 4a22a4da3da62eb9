"""Reads the cases of a case file and reports every mistake in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass

from harness.load import old_keys, placeholder_checks, semantics
from harness.load.files import File, validate
from harness.model import Case, Json, Place


@dataclass(frozen=True, slots=True)
class PackNames:
    """The names that a case of this pack can use."""

    pack: str
    rows: Set[str]
    behaviours: tuple[str, ...]
    features: Set[str]
    define: Mapping[str, Json]
    protocols: Set[str]


def load_cases(file: File, names: PackNames) -> list[Case]:
    """Return the valid cases of a file. Mistakes are added to the problems of the file."""
    data = file.data
    if not isinstance(data, dict) or not isinstance(data.get("cases"), list):
        if not file.problems:
            validate(file, "case")
        return []
    for key in sorted(set(data) - {"pack", "cases"}):
        file.add_problem(f"/{key}", f"unknown key `{key}`; a case file has `pack` and `cases`")
    if data.get("pack", names.pack) != names.pack:
        file.add_problem("/pack", f"this folder is the pack `{names.pack}`, not `{data['pack']}`")
    if not data["cases"]:
        file.add_problem("/cases", "a file of cases holds at least one")
    below = places(file)
    cases = (load_case(file, i, spec, below, names) for i, spec in enumerate(data["cases"]))
    return [case for case in cases if case is not None]


def places(file: File) -> dict[str, dict[str, Place]]:
    """Return {case index: {pointer: place}} for error messages."""
    cases: dict[str, dict[str, Place]] = {}
    for pointer, place in file.places.items():
        parts = pointer.split("/", 3)
        if len(parts) == 4 and parts[1] == "cases":
            cases.setdefault(parts[2], {})[f"/{parts[3]}"] = place
    return cases


def load_case(
    file: File, index: int, spec: Json, below: Mapping[str, dict[str, Place]], names: PackNames
) -> Case | None:
    at, before = f"/cases/{index}", len(file.problems)
    if not isinstance(spec, dict):
        file.add_problem(at, "a case is a mapping with `id` and `row`")
        return None
    problems = list(old_keys.old_case_keys(spec))
    behaviour = spec.get("behaviour", "supported")
    part = behaviour if behaviour in names.behaviours else "case"
    if not problems and validate(file, f"case#/$defs/{part}", at, spec):
        problems = list(find_problems(spec, names))
    for pointer, text in problems:
        file.add_problem(at + pointer, text)
    if len(file.problems) > before:
        return None
    row, *also = semantics.row_ids(spec)
    return Case(
        id=spec["id"],
        pack=names.pack,
        row=row,
        behaviour=behaviour,
        feature=spec.get("feature", "core"),
        spec=spec,
        place=file.place_of(at),
        places=below.get(str(index), {}),
        also=tuple(also),
        why=spec.get("why", ""),
    )


def find_problems(spec: Mapping[str, Json], names: PackNames) -> Iterator[tuple[str, str]]:
    yield from semantics.row_problems(spec, names.rows)
    yield from semantics.feature_problems(spec, names.features)
    yield from semantics.key_problems(spec)
    yield from semantics.protocol_problems(spec, names.protocols)
    yield from semantics.expression_problems(spec)
    yield from placeholder_checks.undefined_names(spec, names.define)
