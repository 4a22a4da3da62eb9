"""Rule ids and checks that were renamed, for baseline files and transcripts of earlier versions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

# Old rule -> new rule. One that ends in a blank stands for every rule that begins with it.
RENAMED_RULES: Final[Mapping[str, str]] = {
    "any": "any_of",
    "fails": "error_signalled_by",
    "same": "same header request-id",
    "equal ": "same ",
    "agree ": "steps_agree ",
    "forwarded times": "forwarded count",
    "forwarded once ": "forwarded single ",
}
RENAMED_CHECKS: Final[Mapping[str, str]] = {
    "any": "any_of",
    "fails": "error_signalled_by",
    "same": "same_within",
    "equal": "same",
    "agree": "steps_agree",
}
RENAMED_ARGUMENTS: Final[Mapping[str, str]] = {"times": "count", "once": "single"}  # of `forwarded`


def current_rule(rule: str) -> str:
    """Return the present id of a rule that an earlier version may have written."""
    if rule in RENAMED_RULES:
        return RENAMED_RULES[rule]
    for old, new in RENAMED_RULES.items():
        if old.endswith(" ") and rule.startswith(old):
            return new + rule.removeprefix(old)
    return rule
