"""Labels and sentences for outcomes, grades, locations, results and rules: see wording.yaml."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final, NamedTuple

from harness.model import GRADES
from harness.util import strict_yaml

WORDING: Final[dict[str, Any]] = strict_yaml.read_shipped(Path(__file__).with_name("wording.yaml"))


class Label(NamedTuple):
    """A label, a mark that does not need colour, its explanation, and its style in a terminal."""

    label: str
    mark: str
    meaning: str
    style: str


class ResultLabel(NamedTuple):
    """A label of a result; `phrase` completes "The target is ... PREPOSITION the pack"."""

    label: str
    mark: str
    meaning: str
    style: str
    phrase: str
    preposition: str = "to"


OUTCOMES = {name: Label(**label) for name, label in WORDING["outcomes"].items()}
ALL = OUTCOMES | {name: Label(**label) for name, label in WORDING["without_cases"].items()}
RESULTS = {name: ResultLabel(**label) for name, label in WORDING["results"].items()}
KNOWN = Label(**WORDING["known"])
PERMITTED = Label(**WORDING["permitted"])
LEVELS: Final[dict[str, str]] = WORDING["levels"]
EVIDENCE: Final[dict[str, str]] = WORDING["evidence"]
RANKS = {outcome: rank for rank, outcome in enumerate(ALL)}
STRENGTH = {grade: strength for strength, grade in enumerate(GRADES)}


def location(name: str) -> str:
    """The heading of the rows of one location."""
    heading = name.replace("-", " ").replace("_", " ").capitalize()
    return str(WORDING["locations"].get(name, heading))


def rule_sentence(rule: str) -> str:
    """`A field that should be ignored is refused` for `ignored.refused`; an unknown rule's id."""
    check, _, key = rule.partition(" ")
    if rule not in WORDING["rules"] and check in WORDING["checks"] and key:
        return str(WORDING["checks"][check].format(key.removeprefix("$.")))
    return str(WORDING["rules"].get(rule, rule))
