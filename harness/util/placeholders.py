"""Replaces `$name` and `$a.b.c` in JSON data with the values that they stand for."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from harness.model import Json
from harness.util import json_pointer

Keep = Callable[[str], bool]
NAME: Final = re.compile(r"\$([A-Za-z_][\w-]*(?:\.[\w-]+)*)")
PATH_DELIMITERS: Final = re.compile("([/?&=])")
MAX_SIZE: Final = 100_000  # values of a filled request; 100 characters of text count as one


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


class NameProblem(ValueError):
    """A definition that cannot be filled in."""


class CircularName(NameProblem):
    """A definition that refers to itself, directly or through others."""


class TooLarge(NameProblem):
    """Definitions that use one another until the result is enormous."""

    def __init__(self) -> None:
        super().__init__(f"what the names stand for is larger than {MAX_SIZE:,} values")


def fill(
    value: Json, names: Mapping[str, Json], keep: Keep | None = None, *, nested: bool = True
) -> Json:
    """Return data with its `$name` and `$a.b.c` replaced. Raises UnknownName and NameProblem.

    Args:
        keep: Whether a name is left for a later call. If it is given, `$$` is left as well.
            Otherwise `$$x` becomes `$x`.
        nested: Whether values are filled in turn, because definitions can use one another. Give
            False for values that the target sent, in which a dollar sign has no meaning.
    """
    try:
        return Filler(names, keep, nested).fill(value, ())
    except RecursionError:
        raise TooLarge from None


def names_in(value: Json) -> set[str]:
    """Return every `$name` in the data, without the dollar sign."""
    return {name for _, name in find_names(value)}


def find_names(value: Json, at: str = "") -> Iterator[tuple[str, str]]:
    """Yield (JSON Pointer, name) of every string that consists of a `$name`."""
    if isinstance(value, str):
        if name := _name(value):
            yield at, name
    elif value is None or isinstance(value, int | float):
        return  # the next question takes longer
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from find_names(item, f"{at}/{json_pointer.escape(key)}")
    elif isinstance(value, list | tuple):
        for index, item in enumerate(value):
            yield from find_names(item, f"{at}/{index}")


def fill_path(path: str, names: Mapping[str, Json]) -> str:
    """Return a URL path with its known `$name` parts filled in and percent-encoded.

    A part is a segment of the path, or a value of the query.
    """

    def fill_segment(text: str) -> str:
        is_known = text[:1] == "$" and text[1:] in names
        return quote(str(names[text[1:]]), safe="") if is_known else text

    return "".join(map(fill_segment, PATH_DELIMITERS.split(path)))


def path_parts(path: str) -> list[str]:
    """Return the parts of a URL path that can be a `$name`."""
    return PATH_DELIMITERS.split(path)


@dataclass(slots=True)
class Filler:
    """Fills in names, and counts the values of the result; `nested` as in `fill`.

    Attributes:
        memo: If it is not None, each name is filled in once, and its value or problem kept here.
            The result must not be changed then, since its parts can be the same object.
    """

    names: Mapping[str, Json]
    keep: Keep | None = None
    nested: bool = True
    size: int = 0
    memo: dict[str, tuple[Json, int] | Exception] | None = None

    def fill(self, value: Json, parents: tuple[str, ...]) -> Json:
        """`parents` are the names in whose definitions the value stands."""
        if self.nested:
            self.size += 1 + (len(value) // 100 if isinstance(value, str) else 0)
            if self.size > MAX_SIZE:
                raise TooLarge
        if isinstance(value, str):
            return self.fill_text(value, parents)
        if value is None or isinstance(value, int | float):
            return value
        if isinstance(value, Mapping):
            return {key: self.fill(item, parents) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return [self.fill(item, parents) for item in value]
        return value

    def fill_text(self, text: str, parents: tuple[str, ...]) -> Json:
        if text.startswith("$$"):
            return text if self.keep else text[1:]
        name = _name(text)
        if name is None or (self.keep and self.keep(name)):
            return text
        if self.memo is not None and name not in parents:
            return self._remembered(self.memo, name, parents)
        return self._fill_name(name, parents)

    def _remembered(
        self, memo: dict[str, tuple[Json, int] | Exception], name: str, parents: tuple[str, ...]
    ) -> Json:
        if name not in memo:
            before = self.size
            try:
                value = self._fill_name(name, parents)
                memo[name] = (value, self.size - before)
            except (UnknownName, NameProblem) as problem:
                memo[name] = problem
                raise
            return value
        known = memo[name]
        if isinstance(known, Exception):
            raise known
        self.size += known[1]
        if self.size > MAX_SIZE:
            raise TooLarge
        return known[0]

    def _fill_name(self, name: str, parents: tuple[str, ...]) -> Json:
        if name in parents:
            chain = " -> ".join(f"${parent}" for parent in (*parents, name))
            raise CircularName(f"${name} refers to itself: {chain}")
        try:
            value = self._member(self.names, name, parents)
        except KeyError:
            raise UnknownName(name, tuple(_dotted(self.names))) from None
        return self.fill(value, (*parents, name)) if self.nested else value

    def _member(self, table: Json, name: str, parents: tuple[str, ...]) -> Json:
        """Resolve the longest prefix of `name` in `table`, then what follows it below that."""
        if isinstance(table, str) and self.nested:
            table = self.fill_text(table, parents)
        if not isinstance(table, Mapping):
            raise KeyError(name)
        parts = name.split(".")
        for cut in range(len(parts), 0, -1):
            head, tail = ".".join(parts[:cut]), ".".join(parts[cut:])
            if head in table:
                return self._member(table[head], tail, (*parents, name)) if tail else table[head]
        raise KeyError(name)


def _name(text: str) -> str | None:
    match = NAME.fullmatch(text) if text.startswith("$") else None
    return match[1] if match else None


def _dotted(table: Mapping[str, Json], prefix: str = "", depth: int = 4) -> Iterator[str]:
    for key, value in table.items():
        yield f"{prefix}{key}"
        if isinstance(value, Mapping) and depth:
            yield from _dotted(value, f"{prefix}{key}.", depth - 1)
