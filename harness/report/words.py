"""Outcomes, grades, locations and results in words for people. May not decide anything."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from harness.language.behaviours import BY_ID
from harness.model import GRADES


class Word(NamedTuple):
    """A label, a mark that does not need colour, and one plain sentence."""

    label: str
    mark: str
    says: str


OUTCOMES = {
    "fail": Word("Fail", "✗", "The target broke a demand that the document makes (a must)."),
    "inconclusive": Word(
        "Inconclusive",
        "?",
        "Nothing could be learnt, and the cause is named: the target is neither right nor wrong.",
    ),
    "warn": Word(
        "Warn",
        "!",
        "It works, but not as the reference API does it where the document is silent (a should), "
        "or the deviation was claimed beforehand.",
    ),
    "pass": Word("Pass", "✓", "Every demand held on every request that was sent."),
    "skip": Word("Skip", "–", "The target claims to lack the feature, so nothing was sent."),
}
ABSENT = {
    "not-testable": Word(
        "Not testable",
        "○",
        "The row is in the table, but no request can show it; the reason is given.",
    ),
    "not-selected": Word(
        "Not run", "○", "Its cases were left out of this run; the reason is given."
    ),
}
KNOWN = Word(
    "Known", "≠", "It fails, and that is accepted for now: the baseline says why. It is not right."
)
ALL = OUTCOMES | ABSENT
RANKS = {outcome: rank for rank, outcome in enumerate(ALL)}
ORDER = ("must", "should", "may")
LEVELS = {
    "must": "must: breaking it is a fail",
    "should": "should: breaking it is a warning",
    "may": "may: recorded only",
}

EVIDENCE = {
    "none": "Nothing was shown.",
    "accepted": "The request was answered; whether the field did anything was not seen.",
    "shape": "The answer has the shape that the schema demands.",
    "effect": "The answer itself shows the promised effect.",
    "differential": "Compared with the same request without the field, sent twice.",
    "upstream": "Seen at the provider's side: what the gateway really forwarded.",
}
STRENGTH = {grade: strength for strength, grade in enumerate(GRADES)}

LOCATIONS = {
    "request": "Request fields",
    "tool": "Tool and function fields",
    "message": "Message fields",
    "response": "Response fields",
    "stream": "Streams",
    "error": "Errors",
    "header": "Headers",
}

RESULTS = {
    "conformant": Word("Conformant", "✓", "Every core case was run and held."),
    "partial": Word("Partial", "◐", "Nothing failed, but not every core case was shown."),
    "non-conformant": Word("Non-conformant", "✗", "At least one case failed."),
}


def location(name: str) -> str:
    return LOCATIONS.get(name, name.replace("-", " ").replace("_", " ").capitalize())


def promise(behaviour: str) -> str:
    """`accepted, without any effect` for `ignored`."""
    known = BY_ID.get(behaviour)
    return known.promise if known else ""


def stronger(behaviour: str, evidence: str) -> str:
    """What a better grade than this one would need; empty where none can be had."""
    known = BY_ID.get(behaviour)
    return known.needs if known and evidence != "upstream" else ""


def packs(report: dict[str, Any]) -> tuple[list[Any], list[Any]]:
    """(the packs that the result is about, those that they only extend)."""
    extended = {parent for pack in report["packs"] for parent in pack["extends"]}
    leading = [pack for pack in report["packs"] if pack["id"] not in extended]
    return leading, [pack for pack in report["packs"] if pack["id"] in extended]


def subject(report: dict[str, Any]) -> list[str]:
    """`openai-compat 1.0.0`, without the packs it builds on."""
    return [f"{pack['id']} {pack['version']}" for pack in packs(report)[0]]


def listed(names: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    return " and ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))


def headline(report: dict[str, Any]) -> str:
    """`acme is non-conformant to openai-compat 1.0.0`."""
    packs = listed(subject(report)) or "nothing"
    kind = "partially conformant" if report["result"] == "partial" else report["result"]
    return f"{report['target']['name']} is {kind} to {packs}"
