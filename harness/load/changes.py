"""Mistakes in changes of the reference gateway that the schema of their files cannot describe."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from harness.model import Json
from harness.testbed.mutation.conditions import (
    ERROR_KEYS,
    HTTP_KEYS,
    OF_DATA,
    REPLY_KEYS,
    alternatives,
)
from harness.testbed.mutation.edits import EDITS
from harness.testbed.mutation.paths import split_steps
from harness.testbed.mutation.points import POINTS
from harness.util import json_pointer, jsonpath

PARTS: Final = ("when", "unless")
# The keys of conditions at points where they are not JSONPaths into the caller's request.
KEYS: Final[Mapping[str, tuple[str, ...]]] = {
    "error": ERROR_KEYS,
    "http": HTTP_KEYS,
    "reply": REPLY_KEYS,
    "provider-error": ERROR_KEYS,
}


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
        if operator != "forgive" or name == "forwarded":
            yield from path_problems(at, argument, operator)
    yield from condition_problems(change)


def path_problems(at: str, argument: Json, operator: str) -> Iterator[tuple[str, str]]:
    """Yield the paths of an operator that are not JSONPaths."""
    if operator not in EDITS and operator not in ("prompt", "forgive"):
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
    steps = split_steps(path)
    try:
        for step in steps:
            jsonpath.compile(step)
    except ValueError as error:
        yield where, str(error)
    else:
        if "$" in steps:
            yield where, "an operator changes a part of the data; `$` is the whole"


def conditions_in(change: Mapping[str, Json]) -> Iterator[tuple[tuple[str, ...], str, Json]]:
    """Yield the place, the key and the test of each condition."""
    for part in (part for part in PARTS if part in change):
        conditions = change[part]
        for index, condition in enumerate(alternatives(conditions)):
            place = (part, str(index)) if isinstance(conditions, list) else (part,)
            yield from ((place, key, test) for key, test in condition.items())


def condition_problems(change: Mapping[str, Json]) -> Iterator[tuple[str, str]]:
    keys = KEYS.get(change["at"])
    for place, key, test in conditions_in(change):
        at = json_pointer.join((*place, key))
        path = key.removeprefix(OF_DATA)
        if change["at"] in ("headers", "frames"):
            yield json_pointer.join(place), f"`{change['at']}` takes no conditions"
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
        re.sub(f"{pattern}|", text, "")
    except (re.error, IndexError) as error:
        yield where, f"not a regular expression: {error}"
