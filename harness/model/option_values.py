"""Converts the words of options, and refuses those that no run can use. Errors are ValueError."""

from __future__ import annotations

import re
from typing import Final

HEADER: Final = re.compile(r"^([!#$%&'*+.^_`|~0-9A-Za-z-]+):\s*(.*)$", re.DOTALL)
SHARD: Final = re.compile(r"([1-9]\d{0,4})/([1-9]\d{0,4})")
MAX_LABEL, MAX_MODEL = 80, 1_000  # characters
MAX_REPEAT: Final = 1_000
NONCE: Final = re.compile(r"[A-Za-z0-9._~-]{8,128}")


def parse_header(text: str) -> tuple[str, str]:
    """Return (name, value) of `NAME: VALUE`. Raises ValueError, which never quotes the value."""
    match = HEADER.match(text)
    if not match:
        raise ValueError("a header is NAME:VALUE, and one of those given is not")
    name, value = match[1], match[2].strip()
    if not value.isprintable():
        raise ValueError(f"the header {name} holds a character that no header can")
    return name, value


def parse_shard(text: str) -> tuple[int, int]:
    """Return (2, 3) for `2/3`. Raises ValueError."""
    match = SHARD.fullmatch(text)
    if not match or int(match[1]) > int(match[2]):
        raise ValueError(f"--shard {text}: write I/N, as 1/3, 2/3 and 3/3")
    return int(match[1]), int(match[2])


def check_shard(text: str) -> str:
    return "/".join(map(str, parse_shard(text)))


def check_nonce(text: str) -> str:
    """Return the nonce. Raises ValueError; the restricted form is never redacted as a key."""
    if not NONCE.fullmatch(text):
        raise ValueError("takes 8 to 128 letters, digits, dots, dashes, `_` or `~`")
    return text


def check_label(text: str) -> str:
    """Return a name or a version without blanks around it. Raises ValueError."""
    label = text.strip()
    if not label or len(label) > MAX_LABEL or not label.isprintable():
        raise ValueError(f"takes 1 to {MAX_LABEL} printable characters")
    return label


def check_model(text: str) -> str:
    """Return the name of a model. Raises ValueError for one that JSON or a terminal cannot show."""
    if not text.isprintable() or len(text) > MAX_MODEL:
        raise ValueError(f"takes up to {MAX_MODEL} printable characters")
    return text


def check_repeat(count: int) -> int:
    if count > MAX_REPEAT:
        raise ValueError(f"takes a number up to {MAX_REPEAT:,}")
    return count
