"""Finds mistakes that are valid by the schemas, such as a reversed range or an unknown source.

`harness check` reports them, and a run of a pack that does not ship refuses them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

from harness.load import files, semantics
from harness.load.files import Problems
from harness.model import Case, Pack, Place, Row
from harness.util import json_pointer, paths
from harness.util.suggestion import suggestion


def pack_problems(pack: Pack, rows: Mapping[str, Row]) -> Problems:
    """Return the mistakes in a pack. `rows` has its rows and those of the packs that it extends."""
    return [
        *_row_problems(pack),
        *(
            (case.at(pointer), message)
            for case in pack.cases
            for pointer, message in _case_problems(case, pack, rows.get(case.row))
        ),
    ]


def pack_warnings(pack: Pack) -> Problems:
    """Return what is probably not meant, but can be."""
    message = "only checks that the request is accepted, because the case has no `expect`"
    return [
        (case.place, f"`{case.id}` {message}")
        for case in pack.cases
        if case.behaviour == "supported"
        and "control" not in case.spec
        and not any(semantics.assertions(case.spec))
    ]


def _row_problems(pack: Pack) -> Iterator[tuple[Place, str]]:
    if not pack.rows:
        return
    file = files.read(Path(pack.folder) / paths.ROWS_FILE, Path(pack.folder))
    for index, row in enumerate(pack.rows):
        for name in row.source:
            if problem := _source_problem(name, pack.sources):
                yield file.place_of(json_pointer.join(("rows", index, "source"))), problem


def _case_problems(case: Case, pack: Pack, row: Row | None) -> Iterator[tuple[str, str]]:
    if "source" in case.spec and (problem := _source_problem(case.spec["source"], pack.sources)):
        yield "/source", problem
    if case.behaviour == "ignored" and row and row.declared == "supported":
        yield "/behaviour", f"the row `{row.id}` is declared `supported`, not `ignored`"
    if case.behaviour == "clamped":
        yield from _range_problems(case)


def _range_problems(case: Case) -> Iterator[tuple[str, str]]:
    low, high = case.spec["range"]
    if low > high:
        yield "/range", f"the range is reversed: {low} is more than {high}"
    for index, value in enumerate(case.spec["values"]):
        if low <= value <= high:
            yield f"/values/{index}", f"{value} is inside the range {low} to {high}"


def _source_problem(source: str, sources: Collection[str]) -> str:
    name = source.partition("§")[0].strip()  # a source is NAME or NAME § PLACE
    if name in sources:
        return ""
    hint = suggestion(name, sources, "add it to `sources` in pack.yaml")
    return f"no source `{name}` in this pack; {hint}"
