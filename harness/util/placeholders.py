"""Value, names -> value with its `$names` filled in. May not know where names come from."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Final
from urllib.parse import quote

from harness.model import Json

Keep = Callable[[str], bool] | Collection[str]
NAME: Final = re.compile(r"\$([A-Za-z_][\w-]*(?:\.[\w-]+)*)")


class UnknownName(KeyError):
    """A `$name` that nobody defined; `name` is without the dollar."""

    def __init__(self, name: str, known: Collection[str] = ()) -> None:
        super().__init__(name)
        self.name = name
        self.known = tuple(known)

    def __str__(self) -> str:
        near = difflib.get_close_matches(self.name, self.known, 1)
        hint = f"; did you mean ${near[0]}?" if near else "; write $$ for a plain dollar"
        return f"nothing is named ${self.name}{hint}"


class CircularName(ValueError):
    """A definition that needs itself."""


def fill(
    value: Json, names: Mapping[str, Json], keep: Keep | None = None, *, again: bool = True
) -> Json:
    """Replace every string that is wholly `$name` or `$a.b.c`, keeping the type of what it names.

    `keep`: names (or a test) left as they stand, to be filled later; a given `keep`, even an empty
    one, says that there will be a later call, so `$$` stays too. Without it `$$x` becomes `$x`.
    `again`: what a name stands for is filled in turn, as definitions may use one another. Give
    False for values that the target sent: a dollar in an answer is a dollar.
    """
    return _Filler(names, keep, again).fill(value, ())


def names_in(value: Json) -> set[str]:
    """Every `$name` in `value`, whole and dotted, without the dollar."""
    return {name for text in _strings(value) if (name := _name(text))}


def fill_path(path: str, names: Mapping[str, Json]) -> str:
    """A URL path whose segments `$name` are filled in, percent-encoded; unknown ones stay."""

    def segment(text: str) -> str:
        known = text[:1] == "$" and text[1:] in names
        return quote(str(names[text[1:]]), safe="") if known else text

    return "/".join(map(segment, path.split("/")))


class _Filler:
    def __init__(self, names: Mapping[str, Json], keep: Keep | None, again: bool) -> None:
        self.names, self.again, self.last = names, again, keep is None
        self.kept: Callable[[str], bool]
        if callable(keep):
            self.kept = keep
        else:
            wanted = frozenset(keep or ())
            self.kept = lambda name: any(head in wanted for head, _ in _heads(name))

    def fill(self, value: Json, within: tuple[str, ...]) -> Json:
        if isinstance(value, str):
            return self._text(value, within)
        if isinstance(value, Mapping):
            return {key: self.fill(item, within) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return [self.fill(item, within) for item in value]
        return value

    def _text(self, text: str, within: tuple[str, ...]) -> Json:
        if text.startswith("$$"):
            return text[1:] if self.last else text
        name = _name(text)
        if name is None or self.kept(name):
            return text
        if name in within:
            chain = " -> ".join(f"${each}" for each in (*within, name))
            raise CircularName(f"${name} needs itself: {chain}")
        found = self._look(name, within)
        return self.fill(found, (*within, name)) if self.again else found

    def _look(self, name: str, within: tuple[str, ...]) -> Json:
        try:
            return self._step(self.names, name, within)
        except KeyError:
            raise UnknownName(name, tuple(_dotted(self.names))) from None

    def _step(self, table: Json, name: str, within: tuple[str, ...]) -> Json:
        """The longest prefix of `name` that `table` knows, then the rest below it."""
        if isinstance(table, str) and self.again:
            table = self._text(table, within)
        if not isinstance(table, Mapping):
            raise KeyError(name)
        for head, rest in _heads(name):
            if head in table:
                return self._step(table[head], rest, (*within, name)) if rest else table[head]
        raise KeyError(name)


def _name(text: str) -> str | None:
    found = NAME.fullmatch(text)
    return found[1] if found else None


def _heads(name: str) -> Iterator[tuple[str, str]]:
    """`a.b.c` -> (`a.b.c`, ``), (`a.b`, `c`), (`a`, `b.c`)."""
    parts = name.split(".")
    for cut in range(len(parts), 0, -1):
        yield ".".join(parts[:cut]), ".".join(parts[cut:])


def _dotted(table: Mapping[str, Json], above: str = "", depth: int = 4) -> Iterator[str]:
    for key, value in table.items():
        yield f"{above}{key}"
        if isinstance(value, Mapping) and depth:
            yield from _dotted(value, f"{above}{key}.", depth - 1)


def _strings(value: Json) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _strings(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _strings(item)
