"""Replaces `$name` and `$a.b.c` in JSON data with the values that they stand for."""

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
    """A `$name` without a definition; `name` has no dollar sign."""

    def __init__(self, name: str, known: Collection[str] = ()) -> None:
        super().__init__(name)
        self.name = name
        self.known = tuple(known)

    def __str__(self) -> str:
        similar = difflib.get_close_matches(self.name, self.known, 1)
        hint = f"did you mean ${similar[0]}?" if similar else "write $$ for a literal dollar sign"
        return f"${self.name} is not defined; {hint}"


class CircularName(ValueError):
    """A definition that refers to itself, directly or through others."""


def fill(
    value: Json, names: Mapping[str, Json], keep: Keep | None = None, *, nested: bool = True
) -> Json:
    """Replace every string that is exactly `$name` or `$a.b.c` by its value, of whatever type.

    Args:
        value: Any JSON data. It is not changed.
        names: The definitions.
        keep: Names, or a test for names, that are left for a later call. If it is given, even
            empty, `$$` is left as well. Otherwise `$$x` becomes `$x`.
        nested: Whether values are filled in turn, because definitions can use one another. Give
            False for values that the target sent, in which a dollar sign has no meaning.

    Returns:
        A copy with the values filled in.

    Raises:
        UnknownName: A name has no definition.
        CircularName: A definition refers to itself.
    """
    return _Filler(names, keep, nested).fill(value, ())


def names_in(value: Json) -> set[str]:
    """Return every `$name` in the data, without the dollar sign."""
    return {name for text in _strings(value) if (name := _name(text))}


def fill_path(path: str, names: Mapping[str, Json]) -> str:
    """Return a URL path with its `$name` segments filled in and percent-encoded.

    Segments with an unknown name are left as they are.
    """

    def fill_segment(text: str) -> str:
        is_known = text[:1] == "$" and text[1:] in names
        return quote(str(names[text[1:]]), safe="") if is_known else text

    return "/".join(map(fill_segment, path.split("/")))


class _Filler:
    def __init__(self, names: Mapping[str, Json], keep: Keep | None, nested: bool) -> None:
        self.names, self.nested, self.is_last = names, nested, keep is None
        self.is_kept: Callable[[str], bool]
        if callable(keep):
            self.is_kept = keep
        else:
            kept_names = frozenset(keep or ())
            self.is_kept = lambda name: any(head in kept_names for head, _ in _splits(name))

    def fill(self, value: Json, parents: tuple[str, ...]) -> Json:
        """`parents` are the names in whose definitions the value stands."""
        if isinstance(value, str):
            return self._fill_text(value, parents)
        if isinstance(value, Mapping):
            return {key: self.fill(item, parents) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return [self.fill(item, parents) for item in value]
        return value

    def _fill_text(self, text: str, parents: tuple[str, ...]) -> Json:
        if text.startswith("$$"):
            return text[1:] if self.is_last else text
        name = _name(text)
        if name is None or self.is_kept(name):
            return text
        if name in parents:
            chain = " -> ".join(f"${parent}" for parent in (*parents, name))
            raise CircularName(f"${name} refers to itself: {chain}")
        value = self._value(name, parents)
        return self.fill(value, (*parents, name)) if self.nested else value

    def _value(self, name: str, parents: tuple[str, ...]) -> Json:
        try:
            return self._member(self.names, name, parents)
        except KeyError:
            raise UnknownName(name, tuple(_dotted(self.names))) from None

    def _member(self, table: Json, name: str, parents: tuple[str, ...]) -> Json:
        """Resolve the longest prefix of `name` in `table`, then what follows it below that."""
        if isinstance(table, str) and self.nested:
            table = self._fill_text(table, parents)
        if not isinstance(table, Mapping):
            raise KeyError(name)
        for head, tail in _splits(name):
            if head in table:
                return self._member(table[head], tail, (*parents, name)) if tail else table[head]
        raise KeyError(name)


def _name(text: str) -> str | None:
    match = NAME.fullmatch(text)
    return match[1] if match else None


def _splits(name: str) -> Iterator[tuple[str, str]]:
    """`a.b.c` -> (`a.b.c`, ``), (`a.b`, `c`), (`a`, `b.c`)."""
    parts = name.split(".")
    for cut in range(len(parts), 0, -1):
        yield ".".join(parts[:cut]), ".".join(parts[cut:])


def _dotted(table: Mapping[str, Json], prefix: str = "", depth: int = 4) -> Iterator[str]:
    for key, value in table.items():
        yield f"{prefix}{key}"
        if isinstance(value, Mapping) and depth:
            yield from _dotted(value, f"{prefix}{key}.", depth - 1)


def _strings(value: Json) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _strings(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _strings(item)
