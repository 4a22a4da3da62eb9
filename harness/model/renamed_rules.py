"""Rule ids that were renamed, for baseline files and transcripts of earlier versions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

# Old id -> new id. A rule such as `named $.id` is renamed by its first word.
RENAMED_RULES: Final[Mapping[str, str]] = {}


def current_rule(rule: str) -> str:
    """Return the present id of a rule that an earlier version may have written."""
    if rule in RENAMED_RULES:
        return RENAMED_RULES[rule]
    check, space, subject = rule.partition(" ")
    return f"{RENAMED_RULES.get(check, check)}{space}{subject}"
