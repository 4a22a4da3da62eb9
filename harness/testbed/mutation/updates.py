"""Functions that make a new value of a present one, for operators in files of mutants.

A value of another type than the operator is for stays as it is.
"""

from __future__ import annotations

import copy
import json
import math
import re
from collections.abc import Callable, Mapping
from typing import Any

Json = Any


def with_last(own: Json, value: Json) -> Json:
    if isinstance(own, list):
        return [*own, copy.deepcopy(value)]
    return own + value if isinstance(own, str) and isinstance(value, str) else own


def with_first(own: Json, value: Json) -> Json:
    if isinstance(own, list):
        return [copy.deepcopy(value), *own]
    return value + own if isinstance(own, str) and isinstance(value, str) else own


def first_items(own: Json, count: int) -> Json:
    return part(own, slice(count))


def last_items(own: Json, count: int) -> Json:
    return part(own, slice(-count, None))


def part(own: Json, kept: slice) -> Json:
    """Returns a part of a list, an object or a text."""
    if isinstance(own, dict):
        return dict([*own.items()][kept])
    return own[kept] if isinstance(own, list | str) else own


def with_other_words(own: Json, words: Mapping[str, str]) -> Json:
    """Replaces parts of a text, one after the other."""
    for old, new in words.items() if isinstance(own, str) else ():
        own = own.replace(old, new)
    return own


def with_other_matches(own: Json, forms: Mapping[str, str]) -> Json:
    """Replaces what matches regular expressions in a text, one after the other."""
    for form, new in forms.items() if isinstance(own, str) else ():
        own = re.sub(form, new, own)
    return own


def plus(own: Json, number: float) -> Json:
    return calculated(lambda: own + number) if is_number(own) else own


def times(own: Json, number: float) -> Json:
    return calculated(lambda: own * number) if is_number(own) else own


def calculated(result: Callable[[], float]) -> Json:
    """Returns a result; null for one that JSON cannot write."""
    try:
        number = result()
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def is_number(value: Json) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def from_text(own: Json) -> Json:
    """Returns the value that stands in a text; what is not JSON stays as it is."""
    try:
        return json.loads(own) if isinstance(own, str) else own
    except (ValueError, RecursionError):
        return own
