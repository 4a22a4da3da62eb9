"""Loads files of mutants, and of changes that teach the reference gateway a field."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from harness.load import files
from harness.load.files import File
from harness.model import Json
from harness.testbed.base import Mutant
from harness.testbed.gateway.gateway import Overrides
from harness.testbed.mutation.conditions import ERROR_KEYS, HTTP_KEYS, OF_DATA, REPLY_KEYS
from harness.testbed.mutation.edits import EDITS
from harness.testbed.mutation.points import POINTS
from harness.testbed.mutation.rows import changes_of, mutants_of
from harness.util import json_pointer, jsonpath
from harness.util.errors import FileProblems
from harness.util.suggestion import suggestion

PARTS: Final = ("when", "unless")
# The keys of conditions at points where they are not JSONPaths into the caller's request.
KEYS: Final[Mapping[str, tuple[str, ...]]] = {
    "error": ERROR_KEYS,
    "http": HTTP_KEYS,
    "reply": REPLY_KEYS,
}


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
    first_uses: dict[str, int] = {}
    for index, row in enumerate(file.data.get("mutants", ())):
        if first_uses.setdefault(row["id"], index) != index:
            first = file.place_of(f"/mutants/{first_uses[row['id']]}/id")
            message = f"duplicate id `{row['id']}`; first used at {first}"
            file.add_problem(f"/mutants/{index}/id", message)


def check_cases(file: File, cases: Collection[str]) -> None:
    pack = file.data.get("pack")
    ids = {name.partition("/")[2] for name in cases}
    for index, row in enumerate(file.data["mutants"]):
        name = f"{pack}/{row['case']}" if pack else row["case"]
        if name not in cases and not (pack is None and "/" not in name and name in ids):
            message = f"there is no case `{name}`; {suggestion(name, cases)}".rstrip("; ")
            file.add_problem(f"/mutants/{index}/case", message)


def change_problems(change: Mapping[str, Json]) -> Iterator[tuple[str, str]]:
    """Yield (JSON Pointer, message) for what the schema cannot say about a change."""
    name, point = change["at"], POINTS[change["at"]]
    if change["protocol"] not in point.protocols:
        protocols = ", ".join(point.protocols)
        yield "/at", f"`{name}` needs a `protocol`, here or of the file: {protocols}"
    allowed = (*point.operators, *(EDITS if point.edits else ()))
    for operator, argument in change["do"].items():
        at = f"/do/{operator}"
        if operator not in allowed:
            yield at, f"`{operator}` is not possible at `{name}`; there are {', '.join(allowed)}"
        yield from path_problems(at, argument, operator)
    yield from condition_problems(change)


def path_problems(at: str, argument: Json, operator: str) -> Iterator[tuple[str, str]]:
    """Yield the paths of an operator that are not JSONPaths."""
    if operator not in EDITS and operator != "prompt":
        return
    names = argument if isinstance(argument, dict | list) else [argument]
    for index, path in enumerate(names):
        part = "" if isinstance(argument, str) else path if isinstance(argument, dict) else index
        where = at if part == "" else f"{at}/{json_pointer.escape(str(part))}"
        yield from path_problem(where, path)
        if isinstance(argument, dict) and operator in ("copy", "echo", "move", "pair"):
            yield from path_problem(where, argument[path])
        if isinstance(argument, dict) and operator == "substitute":
            for pattern, text in argument[path].items():
                place = f"{where}/{json_pointer.escape(pattern)}"
                yield from pattern_problem(place, pattern, text)


def path_problem(where: str, path: str) -> Iterator[tuple[str, str]]:
    try:
        jsonpath.compile(path)
    except ValueError as error:
        yield where, str(error)
    else:
        if path == "$":
            yield where, "an operator changes a part of the data; `$` is the whole"


def condition_problems(change: Mapping[str, Json]) -> Iterator[tuple[str, str]]:
    keys = KEYS.get(change["at"])
    conditions = [(part, *item) for part in PARTS for item in change.get(part, {}).items()]
    for part, key, test in conditions:
        at = json_pointer.join((part, key))
        path = key.removeprefix(OF_DATA)
        if change["at"] == "headers":
            yield f"/{part}", "`headers` takes no conditions"
        if keys is None or (path != key and "data PATH" in keys):
            yield from () if path == "$" else path_problem(at, path)
        elif key not in keys and not ("header NAME" in keys and key.startswith("header ")):
            yield at, f"unknown key; `{change['at']}` has {', '.join(keys)}"
        if test == "invalid" and not re.fullmatch(r"\$\.\w+", key):
            yield at, "`invalid` is for fields of the request, such as $.seed"
        if isinstance(test, dict) and "matches" in test:
            yield from pattern_problem(f"{at}/matches", test["matches"])


def pattern_problem(where: str, pattern: str, text: str = "") -> Iterator[tuple[str, str]]:
    """Yield what is wrong with a regular expression, or with the text that replaces its matches."""
    try:
        re.sub(pattern, text, "")
    except (re.error, IndexError) as error:
        yield where, f"not a regular expression: {error}"
