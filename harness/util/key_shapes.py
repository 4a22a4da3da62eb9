"""Hides what looks like a key in messages about options and files, before any key is known.

A user can put a key where none belongs. The command line is refused then, and no message repeats
the key.
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
    r"(?<![A-Za-z0-9])(?:(?:sk|pk|rk)[-_]|gsk_|csk-|xai[-_]|hf[-_]|gh[pousr][-_]|github_pat_|glpat-|r8_|"
    r"nvapi-|pplx-|fw_|tgp_v1_|xox[abps]-|AIza|AKIA|ya29\.|eyJ)[-\w.]{12,}"
)
# Letters of both cases and digits, without a word: what key generators write.
RANDOM: Final = re.compile(r"(?=.*\d.*\d)(?=.*[a-z])(?=.*[A-Z])[A-Za-z0-9_]{24,}")
IN_WORD: Final = re.compile(r"[/\\=:,;\s]")
NAME: Final = re.compile(r"(?i)(key|token|secret|password)$")
QUOTED: Final = re.compile(r'"(?=[^"\s]*\d)[\w.~+/=-]{12,}"')
SHORTEST: Final = 8
HIDDEN: Final = "[key]"
ADVICE: Final = "keep it in an environment variable, and give the name with --api-key-env"


def resembles_key(word: str, also_random: bool = False) -> bool:
    """Return whether a word of the command line, or a part of a path in it, is a key by its form.

    Args:
        also_random: Whether random letters and digits are one as well; nonces are random, too.
    """
    for part in IN_WORD.split(word):
        match = TOKEN.fullmatch(part.lstrip("-"))
        if match and (re.search(r"\d", part) or not (part.islower() or part.isupper())):
            return True
        if also_random and RANDOM.fullmatch(part):
            return True
    return False


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
