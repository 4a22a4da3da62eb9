"""Reads the cases of a case file and reports every mistake in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass

from harness.load import old_form, placeholder_checks, semantics
from harness.load.files import File, check
from harness.model import Case, Json, Place


@dataclass(frozen=True, slots=True)
class Known:
    """The names that a case of this pack can use."""

    pack: str
    rows: Set[str]
    behaviours: tuple[str, ...]
    features: Set[str]
    define: Mapping[str, Json]
    protocols: Set[str]


def cases_of(file: File, known: Known) -> list[Case]:
    """Return the valid cases of a file. Mistakes are added to the problems of the file."""
    data = file.data
    if not isinstance(data, dict) or not isinstance(data.get("cases"), list):
        if not file.problems:
            check(file, "case")
        return []
    for key in sorted(set(data) - {"pack", "cases"}):
        file.wrong(f"/{key}", f"unknown key `{key}`; a case file has `pack` and `cases`")
    if data.get("pack", known.pack) != known.pack:
        file.wrong("/pack", f"this folder is the pack `{known.pack}`, not `{data['pack']}`")
    if not data["cases"]:
        file.wrong("/cases", "a file of cases holds at least one")
    below = places(file)
    found = (case_of(file, i, spec, below, known) for i, spec in enumerate(data["cases"]))
    return [case for case in found if case is not None]


def places(file: File) -> dict[str, dict[str, Place]]:
    """Return {case index: {pointer: place}} for error messages."""
    found: dict[str, dict[str, Place]] = {}
    for pointer, place in file.places.items():
        parts = pointer.split("/", 3)
        if len(parts) == 4 and parts[1] == "cases":
            found.setdefault(parts[2], {})[f"/{parts[3]}"] = place
    return found


def case_of(
    file: File, index: int, spec: Json, below: Mapping[str, dict[str, Place]], known: Known
) -> Case | None:
    at, before = f"/cases/{index}", len(file.problems)
    if not isinstance(spec, dict):
        file.wrong(at, "a case is a mapping with `id` and `row`")
        return None
    problems = list(old_form.old_keys(spec))
    behaviour = spec.get("behaviour", "supported")
    part = behaviour if behaviour in known.behaviours else "case"
    if not problems and check(file, f"case#/$defs/{part}", at, spec):
        problems = list(find_problems(spec, known))
    for pointer, text in problems:
        file.wrong(at + pointer, text)
    if len(file.problems) > before:
        return None
    row, *also = semantics.row_ids(spec)
    return Case(
        id=spec["id"],
        pack=known.pack,
        row=row,
        behaviour=behaviour,
        feature=spec.get("feature", "core"),
        spec=spec,
        place=file.at(at),
        places=below.get(str(index), {}),
        also=tuple(also),
        why=spec.get("why", ""),
    )


def find_problems(spec: Mapping[str, Json], known: Known) -> Iterator[tuple[str, str]]:
    yield from semantics.rows(spec, known.rows)
    yield from semantics.feature(spec, known.features)
    yield from semantics.wording(spec)
    yield from semantics.protocols(spec, known.protocols)
    yield from semantics.inner(spec)
    yield from placeholder_checks.unknown(spec, known.define)
