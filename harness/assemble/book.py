"""Broken laws -> complaints, each law once, with a count. May not judge."""

from __future__ import annotations

import json
from typing import Final

from harness.assemble.laws import Law
from harness.model import Complaint, Json

MOST: Final = 50


class Book:
    """Where an assembler writes down what it sees; the first time of each law is told in full."""

    def __init__(self) -> None:
        self._first: dict[tuple[str, str], Complaint] = {}
        self._times: dict[tuple[str, str], int] = {}

    def note(self, law: Law, at: str, got: str) -> None:
        key = (law.rule, law.expected)
        if key not in self._first:
            if len(self._first) >= MOST:
                return
            self._first[key] = Complaint(law.rule, at, law.expected, got, law.level)
        self._times[key] = self._times.get(key, 0) + 1

    def complaints(self) -> list[Complaint]:
        return [self._counted(each, self._times[key]) for key, each in self._first.items()]

    def _counted(self, each: Complaint, times: int) -> Complaint:
        if times == 1:
            return each
        got = f"{each.got} (and {times - 1} more)"
        return Complaint(each.rule, each.at, each.expected, got, each.level)


def shown(value: Json, longest: int = 80) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= longest else text[: longest - 1] + "…"
