"""A strict JSON parser that never raises: text becomes a value or the reason why it is invalid."""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from dataclasses import dataclass
from functools import partial
from itertools import chain
from sys import intern
from typing import Final, NoReturn

from harness.model import Json

MAX_DEPTH: Final = 128
MAX_VALUES: Final = 200_000  # a long answer with all its logprobs has 50,000
MAX_REMARKS: Final = 20
_STRING: Final = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"', re.DOTALL)
_SURROGATE: Final = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Parsed:
    """The value of a text, or the problem with it; remarks on what parsers read differently."""

    value: Json = None
    problem: str = ""
    remarks: tuple[str, ...] = ()


def parse(text: str) -> Parsed:
    """Parse a text as RFC 8259 defines: no NaN or Infinity, MAX_DEPTH levels, MAX_VALUES values.

    The time is linear in the length of the text. Values are counted before any is created.
    """
    if _has_too_many_values(text):
        return Parsed(problem=f"it has more than {MAX_VALUES:,} values")
    remarks: dict[str, None] = {}
    try:
        value = json.loads(
            text,
            object_pairs_hook=partial(_to_object, remarks),
            parse_constant=reject_constant,
            parse_float=finite_float,
        )
    except RecursionError:
        return Parsed(problem=f"it is nested deeper than {MAX_DEPTH} levels")
    except json.JSONDecodeError as error:
        return Parsed(problem=_describe_error(text, error))
    except ValueError as error:
        return Parsed(problem=str(error).partition(":")[0])
    if is_deep(text, value, MAX_DEPTH):
        return Parsed(problem=f"it is nested deeper than {MAX_DEPTH} levels")
    if "\\u" in text:
        value = _replace_surrogates(value, remarks)
    return Parsed(value, remarks=tuple(remarks))


def _to_object(remarks: dict[str, None], pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    # The names in the many events of a stream are the same: they take memory only once.
    members = {intern(key): value for key, value in pairs}
    if len(members) < len(pairs):
        duplicate = _first_duplicate(pairs)
        if len(remarks) < MAX_REMARKS:
            remarks[f"duplicate key {duplicate[:60]!r} in an object"] = None
    return members


def _first_duplicate(pairs: list[tuple[str, Json]]) -> str:
    """Return the key that is the first to occur again, in the order of first occurrences."""
    counts = Counter(key for key, _ in pairs)
    return next(key for key, count in counts.items() if count > 1)


def _has_too_many_values(text: str) -> bool:
    """Count punctuation outside of strings. Nothing is kept: a copy can take much memory."""
    if max(text.count(","), text.count("[") + text.count("{")) <= MAX_VALUES:
        return False
    commas = brackets = start = 0
    for string in chain(_STRING.finditer(text), (None,)):
        end = string.start() if string else len(text)
        commas += text.count(",", start, end)
        brackets += text.count("[", start, end) + text.count("{", start, end)
        if max(commas, brackets) > MAX_VALUES:
            return True
        start = string.end() if string else end
    return False


def reject_constant(name: str) -> NoReturn:
    """Refuse NaN and Infinity. Raises ValueError."""
    raise ValueError(f"{name} is not JSON")


def finite_float(text: str) -> float:
    """Return the number. Raises ValueError if it does not fit into a double."""
    number = float(text)
    if math.isinf(number):
        raise ValueError(f"the number {text[:40]} does not fit into a double")
    return number


def _describe_error(text: str, error: json.JSONDecodeError) -> str:
    if not text.strip():
        return "it is empty"
    near = text[error.pos : error.pos + 40]
    place = f"line {error.lineno}, column {error.colno}"
    message = error.msg[:1].lower() + error.msg[1:]
    return f"{message} at {place}, {f'before {near!r}' if near else 'at the end'}"


def is_deep(text: str, value: Json, limit: int) -> bool:
    """Return whether the value of a text is nested deeper than so many levels."""
    if text.count("[") + text.count("{") <= limit:
        return False
    levels, layer = 0, [value]
    while layer := [each for each in layer if isinstance(each, dict | list)]:
        levels += 1
        inner = (each.values() if isinstance(each, dict) else each for each in layer)
        layer = [item for items in inner for item in items]
    return levels > limit


def _replace_surrogates(value: Json, remarks: dict[str, None]) -> Json:
    """Replace lone surrogates, which cannot be encoded as UTF-8."""
    if isinstance(value, str):
        if not _SURROGATE.search(value):
            return value
        remarks["a text contains a lone \\u surrogate"] = None
        return _SURROGATE.sub("\ufffd", value)
    if isinstance(value, dict):
        return {
            _replace_surrogates(key, remarks): _replace_surrogates(item, remarks)
            for key, item in value.items()
        }
    if isinstance(value, list):
        return [_replace_surrogates(item, remarks) for item in value]
    return value
