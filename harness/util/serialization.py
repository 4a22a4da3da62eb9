"""Conversion between the dataclasses of `harness.model` and JSON, strict in both directions."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, TypeVar

import msgspec

from harness.model import Json

Record = TypeVar("Record")


class DecodeError(ValueError):
    """JSON that does not fit a dataclass; the message has the path of the value."""


def to_json(value: Any) -> Json:
    """Return dataclasses as objects and tuples as lists."""
    return _with_lists(msgspec.to_builtins(value))


def to_builtins(value: Any) -> Json:
    """Return dataclasses as objects, for an encoder, which writes tuples as it does lists."""
    return msgspec.to_builtins(value)


def compact_text(value: Json) -> str:
    """Return JSON data as text without blanks; half of a surrogate pair stays as it is.

    msgspec takes a third of the time of `json.dumps`.
    """
    try:
        return msgspec.json.encode(value).decode()
    except (TypeError, ValueError, RecursionError):  # UnicodeEncodeError among them
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def from_json(kind: type[Record], data: Json) -> Record:
    """Return what `to_json` converted; fields with defaults may be missing. Raises DecodeError."""
    try:
        record = msgspec.convert(data, kind)
    except msgspec.ValidationError as error:
        raise DecodeError(str(error)) from None
    for path in _unknown_fields(record, data, "$"):
        raise DecodeError(f"Unknown field; was it written by a newer version? - at `{path}`")
    return record


def _with_lists(value: Json) -> Json:
    """Return the value as the JSON parser would: msgspec leaves tuples as they are."""
    if isinstance(value, dict):
        return {name: _with_lists(item) for name, item in value.items()}
    return [_with_lists(item) for item in value] if isinstance(value, list | tuple) else value


def _unknown_fields(record: Any, data: Json, path: str) -> Iterator[str]:
    """Yield the paths of fields that a dataclass lacks; msgspec ignores them."""
    if isinstance(record, tuple):
        parts = ((f"{path}[{n}]", item, data[n]) for n, item in enumerate(record))
    elif isinstance(record, Mapping):
        parts = ((f"{path}.{name}", item, data[name]) for name, item in record.items())
    elif dataclasses.is_dataclass(record):
        kind: Any = type(record)
        names = _field_names(kind)
        yield from (f"{path}.{name}" for name in data if name not in names)
        parts = ((f"{path}.{name}", getattr(record, name), data[name]) for name in data)
    else:
        return
    for where, item, value in parts:
        if value and isinstance(value, dict | list):
            yield from _unknown_fields(item, value, where)


@cache
def _field_names(kind: type[Any]) -> frozenset[str]:
    return frozenset(field.name for field in dataclasses.fields(kind))
