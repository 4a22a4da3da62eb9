"""Comparison of embeddings: lists of numbers, or Base64 of their 32-bit floats."""

from __future__ import annotations

import base64
import binascii
import math
import sys
from array import array
from typing import Final

from harness.language.checks.values import is_number
from harness.model import Json

Vector = tuple[float, ...]
SIZE: Final = 4  # bytes of a 32-bit float
PRECISION: Final = 2.0**-24  # of a 32-bit float
MAX_DIGITS: Final = 5  # more are within the precision of some models


def as_vector(value: Json) -> Vector | None:
    """Return the numbers of an embedding, or None for any other value.

    Base64 has them as 32-bit floats with the least significant byte first.
    """
    if isinstance(value, str):
        return decoded(value)
    if not isinstance(value, list) or not value or not all(map(is_number, value)):
        return None
    try:
        return tuple(map(float, value))
    except OverflowError:
        return None


def decoded(text: str) -> Vector | None:
    try:
        data = base64.b64decode(text, validate=True)
    except (ValueError, binascii.Error):
        return None
    if not data or len(data) % SIZE:
        return None
    numbers = array("f", data)
    if sys.byteorder == "big":
        numbers.byteswap()
    return tuple(numbers)


def distance(one: Vector, other: Vector) -> float:
    """Return the distance as a fraction of the longer vector; infinite if they do not compare.

    Example:
        Two vectors of the same length with a right angle between them have the distance 1.41.
    """
    if len(one) != len(other):
        return math.inf
    length = max(math.hypot(*one), math.hypot(*other))
    apart = math.dist(one, other)
    if not (math.isfinite(length) and math.isfinite(apart)):
        return math.inf
    return apart / length if length else 0.0


def lost_digits(one: Json, other: Json) -> int | None:
    """Return the digits after the point that Base64 has left of a list that has more.

    A list of floats can be rounded when it is written; Base64 has the numbers themselves.
    """
    texts = [decoded(value) for value in (one, other) if isinstance(value, str)]
    lists = [as_vector(value) for value in (one, other) if isinstance(value, list)]
    if len(texts) != 1 or len(lists) != 1 or not texts[0] or not lists[0]:
        return None
    binary, written = texts[0], lists[0]
    digits = (n for n in range(MAX_DIGITS + 1) if has_digits(binary, n))
    fewest = next(digits, None)
    return None if fewest is None or has_digits(written, fewest) else fewest


def has_digits(vector: Vector, digits: int) -> bool:
    """Return whether no number has more digits after the point, apart from those of its type."""
    return all(abs(round(value, digits) - value) <= PRECISION * abs(value) for value in vector)
