"""Parses JSON that others wrote: reports, transcripts and certificates, strictly and bounded."""

from __future__ import annotations

import json
import re
from typing import Final

from harness.model import Json
from harness.util.strict_json import finite_float, is_deep, reject_constant

MAX_DEPTH: Final = 200
MAX_VALUES: Final = 5_000_000  # a full report has 0.1 million
MAYBE_HUGE: Final = re.compile(r"[0-9][eE]\+?[0-9]{3}|[0-9]{300}")
SEPARATORS: Final = (",", "{", "[")  # one stands before each value or key, or before the first


def parse(data: bytes | str) -> Json:
    """Return the value. Raises ValueError, whose message is short and on one line.

    NaN and numbers that fit into no double are refused, since other parsers do so, too.
    """
    try:
        text = data if isinstance(data, str) else data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ValueError(f"it is not UTF-8 after {error.start} bytes") from None
    if sum(map(text.count, SEPARATORS)) > MAX_VALUES:
        raise ValueError(f"it has more than {MAX_VALUES:,} values")
    try:
        # A function that is called for each number would double the time.
        parse_float = finite_float if MAYBE_HUGE.search(text) else None
        value = json.loads(text, parse_constant=reject_constant, parse_float=parse_float)
    except RecursionError:
        raise ValueError(f"it is nested deeper than {MAX_DEPTH} levels") from None
    if is_deep(text, value, MAX_DEPTH):
        raise ValueError(f"it is nested deeper than {MAX_DEPTH} levels")
    return value
