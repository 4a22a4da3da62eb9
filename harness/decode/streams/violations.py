"""Broken laws -> complaints, each law once, with a count. May not know the laws."""

from __future__ import annotations

import json
from collections import Counter
from typing import Final

from harness.decode.streams.rule import StreamRule
from harness.model import Json, Violation

MOST_OF_A_RULE: Final = 20


class ViolationLog:
    """Where an assembler writes down what it sees; the first time of each law is told in full."""

    def __init__(self) -> None:
        self._first: dict[tuple[str, str], Violation] = {}
        self._times: Counter[tuple[str, str]] = Counter()
        self._of_rule: Counter[str] = Counter()

    def note(self, law: StreamRule, at: str, got: str) -> None:
        key = (law.rule, law.expected)
        known = self._first.get(key)
        if known is None:
            self._of_rule[law.rule] += 1
            if self._of_rule[law.rule] > MOST_OF_A_RULE:
                return
        if known is None or (law.level, known.level) == ("must", "should"):
            self._first[key] = Violation(law.rule, at, law.expected, got, law.level)
        self._times[key] += 1

    def violations(self) -> list[Violation]:
        return [self._counted(each, self._times[key]) for key, each in self._first.items()]

    def _counted(self, each: Violation, times: int) -> Violation:
        if times == 1:
            return each
        got = f"{each.got} (and {times - 1} more)"
        return Violation(each.rule, each.at, each.expected, got, each.level)


def shown(value: Json, longest: int = 80) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= longest else text[: longest - 1] + "…"
