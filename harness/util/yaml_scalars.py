"""Values of unquoted YAML text, and the reasons why some of it is ambiguous."""

from __future__ import annotations

import math
import re
from functools import lru_cache
from typing import Final

from harness.model import Json

_WORDS: Final[dict[str, Json]] = {"true": True, "false": False, "null": None}
_INTEGER: Final = re.compile(r"-?(?:0|[1-9][0-9]*)")
_FLOAT: Final = re.compile(r"-?(?:0|[1-9][0-9]*)\.[0-9]+(?:[eE][-+][0-9]+)?")
_SUSPECT: Final = re.compile(r"[-+.~0-9=<]|null|true|false|yes|no|on|off", re.IGNORECASE)
# Unquoted text that some YAML readers do not read as text, and what to do about it.
_AMBIGUOUS: Final = (
    (r"|~|null", "write null, or quote it to mean text"),
    (r"true|false", "write it in lower case, or quote it to mean text"),
    (r"yes|no|on|off", "YAML 1.1 reads it as true or false; quote it to mean text"),
    (r"[-+]?0[0-9_]+", "YAML 1.1 reads it as octal; quote it, or drop the leading zeros"),
    (r"[-+]?0[box][0-9a-f_]+", "write the number in decimal, or quote it"),
    (r"[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?", "YAML 1.1 reads it in base 60; quote it"),
    (r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([Tt ].*)?", "YAML 1.1 reads it as a date; quote it"),
    (r"[-+]?[0-9.][0-9_]*\.?[0-9_]*e[-+]?[0-9_]+", "write it out (1000.0), or quote it"),
    (r"[-+]?\.(inf|nan)|\.nan", "JSON has no such number; quote it to mean text"),
    (r"[-+]?([0-9][0-9_]*\.?[0-9_]*|\.[0-9][0-9_]*)", "write it as in JSON (1, 0.5), or quote it"),
    (r"<<|=", "merge keys are not supported; quote it to mean text"),
)


@lru_cache(maxsize=4096)
def plain_scalar(text: str) -> tuple[Json, str]:
    """Return the value of unquoted text, and the problem with writing it like that, if any."""
    if text in _WORDS:
        return _WORDS[text], ""
    if text and not _SUSPECT.match(text):
        return text, ""
    if _INTEGER.fullmatch(text):
        return (int(text), "") if len(text) < 400 else (text, "the number is too long; quote it")
    if _FLOAT.fullmatch(text):
        number = float(text)
        return (text, f"the number {text} is too large") if math.isinf(number) else (number, "")
    for rule, fix in _AMBIGUOUS:
        if re.fullmatch(rule, text, re.IGNORECASE):
            return text, f"{text} is ambiguous: {fix}" if text else f"there is no value: {fix}"
    return text, ""
