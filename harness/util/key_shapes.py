"""Hides what looks like a key in messages about options and files, before any key is known.

A user can put a key where none belongs, and the message about it must not repeat it.
"""

from __future__ import annotations

import os
import re
from typing import Final

USERINFO: Final = re.compile(
    r"(?<=://)[^/?#\s]{1,1000}(?=@)|(?<=\s)[^/?#\s:@]{1,200}:[^/?#\s:@]{1,200}(?=@)"
)
PARAMETER: Final = re.compile(
    r"(?i)(?<=[?&])([\w-]{0,40}(?:key|token|secret|sig|password))=[^&#\s`'\"]+"
)
TOKEN: Final = re.compile(
    r"(?<![\w-])(?:(?:sk|pk|rk|gsk|xai|hf|ghp)[-_][-\w.]{12,}|(?:AIza|AKIA|eyJ)[-\w.]{12,})"
)
NAME: Final = re.compile(r"(?i)(key|token|secret|password)$")
QUOTED: Final = re.compile(r'"(?=[^"\s]*\d)[\w.~+/=-]{12,}"')
SHORTEST: Final = 8
HIDDEN: Final = "[key]"


def without_keys(message: str) -> str:
    """Return a message without the keys of the environment, and without what looks like a key."""
    for name, value in os.environ.items():
        if NAME.search(name) and len(value) >= SHORTEST:
            message = message.replace(value, HIDDEN)
    message = PARAMETER.sub(rf"\1={HIDDEN}", USERINFO.sub(HIDDEN, message))
    return TOKEN.sub(HIDDEN, message)


def without_values(message: str) -> str:
    """Return a message about a file that names keys, without quoted values that can be one."""
    return QUOTED.sub(f'"{HIDDEN}"', without_keys(message))
