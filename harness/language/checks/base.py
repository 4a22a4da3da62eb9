"""The shape of a check: a pure function on answers. No clock, no network, no randomness."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from harness.model import Answer, Grade, Json, Level

Run = Callable[[Any, Sequence[Answer], Sequence[Answer]], "Iterator[Problem]"]


class Silent(Exception):
    """These answers are not of the kind that the check speaks of: neither shown nor broken."""


class Undecided(Silent):
    """It should speak of them and cannot, as there is nothing to compare with; says why."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One way in which an answer does not hold. `rule` and `level` only where a law has its own."""

    at: str
    expected: str
    got: str
    shot: str = ""
    rule: str = ""
    level: Level | None = None


@dataclass(frozen=True, slots=True)
class Check:
    """`run(args, answers, controls)` yields problems; none means that it holds.

    It may raise Silent or Undecided. `across` checks get all answers of the demand at once, the
    others one at a time. `pooled` ones compare with the controls of both modes.
    """

    id: str
    grade: Grade
    arguments: Mapping[str, Json] | bool
    run: Run
    across: bool = False
    pooled: bool = False
    written: bool = True


def shown(value: Json, most: int = 160) -> str:
    """A value as a person wants to see it: JSON, cut."""
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= most else f"{text[:most]}... ({len(text)} characters)"
