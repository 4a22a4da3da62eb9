"""Operators that change JSON data in place, by their names in files of mutants.

Each takes the data, its argument and the caller's request. A path that selects nothing changes
nothing.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from harness.testbed.mutation import updates
from harness.testbed.mutation.paths import from_the_end, members, places, split_name, values

Json = Any
Edit = Callable[[Json, Any, Json], None]


def set_values(data: Json, argument: Mapping[str, Json], request: Json) -> None:
    for path, value in argument.items():
        put(data, path, [value])


def put(data: Json, path: str, candidates: list[Json]) -> None:
    """Sets members, also missing ones, and items to the first of some values, if there is one."""
    targets = (members if split_name(path)[1] else places)(path, data)
    for owner, key in [*targets] if candidates else ():
        owner[key] = copy.deepcopy(candidates[0])


def set_defaults(data: Json, argument: Mapping[str, Json], request: Json) -> None:
    for path, value in argument.items():
        for owner, name in members(path, data):
            owner.setdefault(name, copy.deepcopy(value))


def copy_values(data: Json, argument: Mapping[str, str], request: Json) -> None:
    for path, source in argument.items():
        put(data, path, values(source, data))


def echo_values(data: Json, argument: Mapping[str, str], request: Json) -> None:
    for path, source in argument.items():
        put(data, path, values(source, request))


def pair(data: Json, argument: Mapping[str, str], request: Json) -> None:
    """Sets each selected member or item to the value at the same place of another selection."""
    for path, source in argument.items():
        targets = (members if split_name(path)[1] else places)(path, data)
        for (owner, key), value in zip([*targets], values(source, data), strict=False):
            owner[key] = copy.deepcopy(value)


def number(data: Json, argument: Mapping[str, int], request: Json) -> None:
    """Numbers the selected values in document order, from the number that is given."""
    for path, first in argument.items():
        for count, (owner, key) in enumerate(places(path, data), first):
            owner[key] = count


def each_path(argument: str | list[str]) -> list[str]:
    return [argument] if isinstance(argument, str) else argument


def drop(data: Json, argument: str | list[str], request: Json) -> None:
    for path in each_path(argument):
        for owner, key in from_the_end(path, data):
            del owner[key]


def rename(data: Json, argument: Mapping[str, str], request: Json) -> None:
    for path, name in argument.items():
        for owner, key in places(path, data):
            if isinstance(owner, dict):
                owner[name] = owner.pop(str(key))


def repeat(data: Json, argument: str | list[str], request: Json) -> None:
    """Writes each selected item of a list twice."""
    for path in each_path(argument):
        for owner, key in from_the_end(path, data):
            if isinstance(owner, list):
                owner.insert(int(key), copy.deepcopy(owner[int(key)]))


def reverse(data: Json, path: str, request: Json) -> None:
    """Exchanges the selected values, so that they stand in the reverse order."""
    selected = places(path, data)
    own = [owner[key] for owner, key in selected]
    for (owner, key), value in zip(selected, reversed(own), strict=True):
        owner[key] = value


def move(data: Json, argument: Mapping[str, str], request: Json) -> None:
    """Moves the first selected item of a list before the first item that the other path selects."""
    for source, target in argument.items():
        origin, goal = places(source, data), places(target, data)
        same = origin and goal and origin[0][0] is goal[0][0]
        if same and isinstance(origin[0][0], list):
            (items, at), (_, before) = origin[0], goal[0]
            value = items.pop(at)
            items.insert(int(before) - (int(at) < int(before)), value)


# --- operators that make a new value of each present one -----------------------------------------


def on_each(update: Callable[[Json, Any], Json]) -> Edit:
    """Returns the edit that replaces the values at each path, with the argument of this path."""

    def edit_values(data: Json, argument: Mapping[str, Any], request: Json) -> None:
        for path, value in argument.items():
            for owner, key in places(path, data):
                owner[key] = update(owner[key], value)

    return edit_values


def on_selected(update: Callable[[Json], Json]) -> Edit:
    """Returns the edit that replaces the values at its paths."""

    def edit_values(data: Json, argument: str | list[str], request: Json) -> None:
        for path in each_path(argument):
            for owner, key in places(path, data):
                owner[key] = update(owner[key])

    return edit_values


EDITS: Final[Mapping[str, Edit]] = {
    "set": set_values,
    "default": set_defaults,
    "drop": drop,
    "rename": rename,
    "copy": copy_values,
    "pair": pair,
    "echo": echo_values,
    "append": on_each(updates.with_last),
    "prepend": on_each(updates.with_first),
    "first": on_each(updates.first_items),
    "last": on_each(updates.last_items),
    "replace": on_each(updates.with_other_words),
    "substitute": on_each(updates.with_other_matches),
    "number": number,
    "add": on_each(updates.plus),
    "multiply": on_each(updates.times),
    "repeat": repeat,
    "reverse": reverse,
    "move": move,
    "as_text": on_selected(json.dumps),
    "from_text": on_selected(updates.from_text),
}


def edits_in(operators: Mapping[str, Any]) -> Iterator[tuple[Edit, Any]]:
    """Yields the edits among some operators in their order, with their arguments."""
    return ((EDITS[name], value) for name, value in operators.items() if name in EDITS)


def edit(data: Json, operators: Mapping[str, Any], request: Json = None) -> Json:
    """Applies the edits among some operators in place, and returns the data."""
    for apply, argument in edits_in(operators):
        apply(data, argument, request)
    return data
