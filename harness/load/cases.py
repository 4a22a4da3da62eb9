"""Reads the cases of a case file and reports every mistake in it."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Set

from harness.load import old_keys, placeholder_checks, semantics
from harness.load.files import File, validate
from harness.load.placeholder_checks import Definitions
from harness.model import Case, Json, Pack, Place


def load_cases(
    file: File, pack: Pack, rows: Set[str], behaviours: tuple[str, ...]
) -> Iterator[Case]:
    """Yield the valid cases of a file. Mistakes are added to the problems of the file.

    Args:
        rows: Ids of the rows that a case can name; empty for any.
    """
    specs = case_specs(file, pack)
    places, definitions = case_places(file), Definitions(pack.define)
    for index, spec in enumerate(specs):
        if is_valid(file, f"/cases/{index}", spec, pack, rows, behaviours, definitions):
            row, *also = semantics.row_ids(spec)
            yield Case(
                id=spec["id"],
                pack=pack.id,
                row=row,
                behaviour=spec.get("behaviour", "supported"),
                feature=spec.get("feature", "core"),
                spec=spec,
                place=file.place_of(f"/cases/{index}"),
                places=places.get(str(index), {}),
                also=tuple(also),
                why=spec.get("why", ""),
            )


def case_specs(file: File, pack: Pack) -> list[Json]:
    """Return the cases of a file as written; report what is wrong with the file's own keys."""
    data = file.data
    if not isinstance(data, dict) or not isinstance(data.get("cases"), list):
        if not file.problems:
            validate(file, "case")
        return []
    for key in sorted(set(data) - {"pack", "cases"}):
        file.add_problem(f"/{key}", f"unknown key `{key}`; a case file has `pack` and `cases`")
    if data.get("pack", pack.id) != pack.id:
        file.add_problem("/pack", f"this folder is the pack `{pack.id}`, not `{data['pack']}`")
    if not data["cases"]:
        file.add_problem("/cases", "a file of cases holds at least one")
    return list(data["cases"])


def case_places(file: File) -> dict[str, dict[str, Place]]:
    """Return {case index: {pointer: place}} for error messages."""
    cases: dict[str, dict[str, Place]] = {}
    for pointer, place in file.places.items():
        parts = pointer.split("/", 3)
        if len(parts) == 4 and parts[1] == "cases":
            cases.setdefault(parts[2], {})[sys.intern(f"/{parts[3]}")] = place
    return cases


def is_valid(
    file: File,
    at: str,
    spec: Json,
    pack: Pack,
    rows: Set[str],
    behaviours: tuple[str, ...],
    definitions: Definitions,
) -> bool:
    """Whether a case has no mistake. Mistakes are added to the problems of the file."""
    if not isinstance(spec, dict):
        file.add_problem(at, "a case is a mapping with `id` and `row`")
        return False
    problems = list(old_keys.old_case_keys(spec))
    behaviour = spec.get("behaviour", "supported")
    part = behaviour if behaviour in behaviours else "case"
    if not problems and not validate(file, f"case#/$defs/{part}", at, spec):
        return False
    problems = problems or list(find_problems(spec, pack, rows, definitions))
    for pointer, text in problems:
        file.add_problem(at + pointer, text)
    return not problems


def find_problems(
    spec: Mapping[str, Json], pack: Pack, rows: Set[str], definitions: Definitions
) -> Iterator[tuple[str, str]]:
    yield from semantics.row_problems(spec, rows)
    yield from semantics.feature_problems(spec, pack.features)
    yield from semantics.key_problems(spec)
    yield from semantics.protocol_problems(spec, pack.protocols)
    yield from semantics.expression_problems(spec)
    yield from placeholder_checks.undefined_names(spec, definitions)
