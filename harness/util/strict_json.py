"""A strict JSON parser that never raises: text becomes a value or the reason why it is invalid."""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass
from typing import Final, NoReturn

from harness.model import Json

DEEPEST: Final = 128
_HALF: Final = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Parsed:
    """`problem`: why it is not JSON, or "". `remarks`: what JSON allows and readers trip over."""

    value: Json = None
    problem: str = ""
    remarks: tuple[str, ...] = ()


def parse(text: str) -> Parsed:
    """Strict RFC 8259: no NaN or Infinity, nothing after the value, none deeper than DEEPEST."""
    remarks: dict[str, None] = {}

    def members(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
        table = dict(pairs)
        if len(table) < len(pairs):
            keys = [key for key, _ in pairs]
            twice = next(key for key in keys if keys.count(key) > 1)
            remarks[f"the key {twice[:60]!r} is there twice in one object"] = None
        return table

    try:
        value = json.loads(
            text, object_pairs_hook=members, parse_constant=_constant, parse_float=_float
        )
    except RecursionError:
        return Parsed(problem=f"it is nested deeper than {DEEPEST} levels")
    except json.JSONDecodeError as error:
        return Parsed(problem=_where(text, error))
    except ValueError as error:
        return Parsed(problem=str(error).partition(":")[0])
    if _too_deep(text, value):
        return Parsed(problem=f"it is nested deeper than {DEEPEST} levels")
    if "\\u" in text:
        value = _mended(value, remarks)
    return Parsed(value, remarks=tuple(remarks))


def _constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _float(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise ValueError(f"the number {text[:40]} is beyond what a double holds")
    return number


def _where(text: str, error: json.JSONDecodeError) -> str:
    if not text.strip():
        return "it is empty"
    near = text[error.pos : error.pos + 40]
    place = f"line {error.lineno}, column {error.colno}"
    what = error.msg[:1].lower() + error.msg[1:]
    return f"{what} at {place}, {f'before {near!r}' if near else 'where it ends'}"


def _too_deep(text: str, value: Json) -> bool:
    if text.count("[") + text.count("{") <= DEEPEST:
        return False
    levels, layer = 0, [value]
    while layer := [each for each in layer if isinstance(each, dict | list)]:
        levels += 1
        inner = (each.values() if isinstance(each, dict) else each for each in layer)
        layer = [item for items in inner for item in items]
    return levels > DEEPEST


def _mended(value: Json, remarks: dict[str, None]) -> Json:
    """Half a surrogate pair is no character: writing it anywhere would fail."""
    if isinstance(value, str):
        if not _HALF.search(value):
            return value
        remarks["a text holds half a character (a lone \\u surrogate)"] = None
        return _HALF.sub("\ufffd", value)
    if isinstance(value, dict):
        return {_mended(key, remarks): _mended(item, remarks) for key, item in value.items()}
    if isinstance(value, list):
        return [_mended(item, remarks) for item in value]
    return value
