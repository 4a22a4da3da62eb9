"""Conversion between the dataclasses of `harness.model` and JSON, strict in both directions."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

import msgspec

from harness.model import Json

Record = TypeVar("Record")


class DecodeError(ValueError):
    """JSON that does not fit a dataclass; the message has the path of the value."""


def to_json(value: Any) -> Json:
    """Return dataclasses as objects and tuples as lists."""
    return _with_lists(msgspec.to_builtins(value))


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
        for index, (item, value) in enumerate(zip(record, data, strict=True)):
            yield from _unknown_fields(item, value, f"{path}[{index}]")
    elif dataclasses.is_dataclass(record):
        names = {field.name for field in dataclasses.fields(record)}
        yield from (f"{path}.{name}" for name in data if name not in names)
        for name in names & data.keys():
            yield from _unknown_fields(getattr(record, name), data[name], f"{path}.{name}")
    elif isinstance(record, Mapping):
        for name, item in record.items():
            yield from _unknown_fields(item, data[name], f"{path}.{name}")
