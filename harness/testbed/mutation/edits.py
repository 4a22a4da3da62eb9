"""Operators that change JSON data in place, by their names in files of mutants.

Each takes the data, its argument and the caller's request. A path that selects nothing changes
nothing.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from harness.testbed.mutation.paths import members, places, split_name, values

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


def drop(data: Json, argument: str | list[str], request: Json) -> None:
    for path in [argument] if isinstance(argument, str) else argument:
        for owner, key in reversed(places(path, data)):
            del owner[key]


def rename(data: Json, argument: Mapping[str, str], request: Json) -> None:
    for path, name in argument.items():
        for owner, key in places(path, data):
            owner[name] = owner.pop(key)


def repeat(data: Json, path: str, request: Json) -> None:
    """Writes each selected item of a list twice."""
    for owner, key in reversed(places(path, data)):
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
        if origin and goal and origin[0][0] is goal[0][0]:
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
    """Returns the edit that replaces the values at its path."""

    def edit_values(data: Json, path: str, request: Json) -> None:
        for owner, key in places(path, data):
            owner[key] = update(owner[key])

    return edit_values


def with_last(own: Json, value: Json) -> Json:
    if isinstance(own, list):
        return [*own, copy.deepcopy(value)]
    return own + value if isinstance(own, str) else own


def with_first(own: Json, value: Json) -> Json:
    if isinstance(own, list):
        return [copy.deepcopy(value), *own]
    return value + own if isinstance(own, str) else own


def first_items(own: Json, count: int) -> Json:
    return own[:count] if isinstance(own, list | str) else own


def last_items(own: Json, count: int) -> Json:
    return own[-count:] if isinstance(own, list | str) else own


def with_other_words(own: Json, words: Mapping[str, str]) -> Json:
    """Replaces parts of a text, one after the other."""
    for old, new in words.items() if isinstance(own, str) else ():
        own = own.replace(old, new)
    return own


def plus(own: Json, number: float) -> Json:
    return own + number if is_number(own) else own


def times(own: Json, number: float) -> Json:
    return own * number if is_number(own) else own


def is_number(value: Json) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


EDITS: Final[Mapping[str, Edit]] = {
    "set": set_values,
    "default": set_defaults,
    "drop": drop,
    "rename": rename,
    "copy": copy_values,
    "echo": echo_values,
    "append": on_each(with_last),
    "prepend": on_each(with_first),
    "first": on_each(first_items),
    "last": on_each(last_items),
    "replace": on_each(with_other_words),
    "add": on_each(plus),
    "multiply": on_each(times),
    "repeat": repeat,
    "reverse": reverse,
    "move": move,
    "as_text": on_selected(json.dumps),
    "from_text": on_selected(json.loads),
}


def edits_in(operators: Mapping[str, Any]) -> Iterator[tuple[Edit, Any]]:
    """Yields the edits among some operators in their order, with their arguments."""
    return ((EDITS[name], value) for name, value in operators.items() if name in EDITS)


def edit(data: Json, operators: Mapping[str, Any], request: Json = None) -> Json:
    """Applies the edits among some operators in place, and returns the data."""
    for apply, argument in edits_in(operators):
        apply(data, argument, request)
    return data
