"""A log of the violations of one stream: each one is kept once, with a count."""

from __future__ import annotations

from collections import Counter
from typing import Final

from harness.decode.streams.rule import StreamRule
from harness.model import Violation

MAX_PER_RULE: Final = 20


class ViolationLog:
    """Collects violations; the first one of each kind is kept with its place and value."""

    def __init__(self) -> None:
        self._first: dict[tuple[str, str], Violation] = {}
        self._counts: Counter[tuple[str, str]] = Counter()
        self._kinds: Counter[str] = Counter()

    def add(self, rule: StreamRule, at: str, got: str) -> None:
        """Add a violation. A `must` replaces an earlier `should` of the same kind."""
        key = (rule.rule, rule.expected)
        earlier = self._first.get(key)
        if earlier is None:
            self._kinds[rule.rule] += 1
            if self._kinds[rule.rule] > MAX_PER_RULE:
                return
        if earlier is None or (rule.level, earlier.level) == ("must", "should"):
            self._first[key] = Violation(rule.rule, at, rule.expected, got, rule.level)
        self._counts[key] += 1

    def violations(self) -> list[Violation]:
        return [with_count(first, self._counts[key]) for key, first in self._first.items()]


def with_count(violation: Violation, count: int) -> Violation:
    if count == 1:
        return violation
    got = f"{violation.got} (and {count - 1} more)"
    return Violation(violation.rule, violation.at, violation.expected, got, violation.level)
