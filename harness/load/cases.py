"""A case file -> Cases, with what is wrong in it. May not read other files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass

from harness.load import placeholder_checks, semantics
from harness.load.files import File, check
from harness.model import Case, Json, Place


@dataclass(frozen=True, slots=True)
class Known:
    """What a case of this pack may speak of."""

    pack: str
    rows: Set[str]
    behaviours: tuple[str, ...]
    features: Set[str]
    define: Mapping[str, Json]
    protocols: Set[str]


def cases_of(file: File, known: Known) -> list[Case]:
    """The cases of a file; the faulty ones are left out and become problems of the file."""
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
    """Of each case the places in it, by pointer."""
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
        file.wrong(at, "a case is a mapping with id, row and behaviour")
        return None
    behaviour = spec.get("behaviour")
    which = behaviour if behaviour in known.behaviours else "case"
    if check(file, f"case#/$defs/{which}", at, spec):
        for pointer, text in amiss(spec, known):
            file.wrong(at + pointer, text)
    if len(file.problems) > before:
        return None
    return Case(
        id=spec["id"],
        pack=known.pack,
        row=spec["row"],
        behaviour=spec["behaviour"],
        feature=spec.get("feature", "core"),
        spec=spec,
        place=file.at(at),
        places=below.get(str(index), {}),
        also=tuple(spec.get("also", ())),
        why=spec.get("why", ""),
    )


def amiss(spec: Mapping[str, Json], known: Known) -> Iterator[tuple[str, str]]:
    yield from semantics.rows(spec, known.rows)
    yield from semantics.feature(spec, known.features)
    yield from semantics.wording(spec)
    yield from semantics.protocols(spec, known.protocols)
    yield from semantics.inner(spec)
    yield from placeholder_checks.unknown(spec, known.define)
