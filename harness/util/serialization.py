"""Nouns <-> plain data, by what their fields are declared to be. May not guess or drop anything."""

from __future__ import annotations

import dataclasses
import types
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, Literal, TypeVar, get_args, get_origin, get_type_hints

from harness.model import Json

Noun = TypeVar("Noun")
Make = Callable[[Json], Any]


class DecodeError(ValueError):
    """Data that is no such noun; the text begins with the JSON Pointer of what is wrong."""


def to_json(value: Any) -> Json:
    """Nouns as objects, without the copies of their data that dataclasses.asdict makes."""
    if type(value) is tuple:
        return [to_json(item) for item in value]
    if isinstance(value, Mapping):  # of nouns, or of data, but never of both
        nouns = dataclasses.is_dataclass(next(iter(value.values()), None))
        return {name: to_json(item) for name, item in value.items()} if nouns else value
    fields = getattr(value, "__slots__", None)
    return {name: to_json(getattr(value, name)) for name in fields} if fields else value


def from_json(kind: type[Noun], data: Json) -> Noun:
    """The noun that `plain` told of. A field with a default may be missing. Raises Misfit."""
    hashable: Any = kind
    made: Noun = maker(hashable)(data)
    return made


@cache
def maker(kind: Any) -> Make:
    """Made once for each declared type."""
    if dataclasses.is_dataclass(kind):
        return _record(kind)
    origin, inner = get_origin(kind), get_args(kind)
    if origin is tuple:
        return _row(inner)
    if origin is not None and isinstance(origin, type) and issubclass(origin, Mapping):
        return _table(inner[1])
    if origin is Literal:
        return _one_of(inner)
    if isinstance(kind, types.UnionType) or type(None) in inner:
        [other] = [each for each in inner if each is not type(None)]
        return _perhaps(other)
    if kind in (str, int, float, bool):
        return _scalar(kind)
    if kind is Any:
        return lambda data: data
    raise TypeError(f"no noun has a field of type {kind}")


def _record(kind: Any) -> Make:
    hints = get_type_hints(kind)
    parts = {field.name: field for field in dataclasses.fields(kind)}
    optional = (dataclasses.MISSING, dataclasses.MISSING)
    needed = [n for n, f in parts.items() if (f.default, f.default_factory) == optional]

    def make(data: Json) -> Any:
        if not isinstance(data, dict):
            raise DecodeError(f": not an object: {data!r:.60}")
        for name in needed:
            if name not in data:
                raise DecodeError(f": `{name}` is missing")
        for name in data:
            if name not in parts:
                raise DecodeError(f": unknown field `{name}`; was it written by a newer harness?")
        return kind(**{name: _at(name, hints[name], inner) for name, inner in data.items()})

    return make


def _at(place: str | int, kind: Any, data: Json) -> Any:
    try:
        return maker(kind)(data)
    except DecodeError as error:
        raise DecodeError(f"/{place}{error}") from None


def _row(inner: tuple[Any, ...]) -> Make:
    def make(data: Json) -> Any:
        kinds = inner[:1] * len(data) if inner[1:] == (...,) and isinstance(data, list) else inner
        if not isinstance(data, list) or len(data) != len(kinds):
            raise DecodeError(f": not such a list: {data!r:.60}")
        pairs = zip(kinds, data, strict=True)
        return tuple(_at(index, kind, item) for index, (kind, item) in enumerate(pairs))

    return make


def _table(inner: Any) -> Make:
    def make(data: Json) -> Any:
        if not isinstance(data, dict):
            raise DecodeError(f": not an object: {data!r:.60}")
        return {name: _at(name, inner, item) for name, item in data.items()}

    return make


def _one_of(words: tuple[Any, ...]) -> Make:
    def make(data: Json) -> Any:
        if data not in words:
            raise DecodeError(f": not one of {', '.join(map(str, words))}: {data!r:.60}")
        return data

    return make


def _perhaps(inner: Any) -> Make:
    return lambda data: None if data is None else maker(inner)(data)


def _scalar(kind: type) -> Make:
    def make(data: Json) -> Any:
        number = kind is float and type(data) is int
        if type(data) is not kind and not number:
            raise DecodeError(f": not a {kind.__name__}: {data!r:.60}")
        return data

    return make
