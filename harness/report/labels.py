"""Labels and sentences for outcomes, grades, locations and results, in reports for people."""

from __future__ import annotations

from typing import NamedTuple

from harness.language.behaviours import BY_ID
from harness.model import GRADES


class Label(NamedTuple):
    """A label, a mark that does not need colour, and a sentence that explains it."""

    label: str
    mark: str
    meaning: str


OUTCOMES = {
    "fail": Label("Fail", "✗", "The target violates a requirement of the document (a must)."),
    "inconclusive": Label(
        "Inconclusive", "?", "The case could not be decided, for the cause that is named."
    ),
    "warn": Label(
        "Warn",
        "!",
        "It works, but differs from the reference API where the document is silent (a should), "
        "or the target declares the deviation.",
    ),
    "pass": Label("Pass", "✓", "Every assertion held on every request."),
    "skip": Label("Skip", "–", "The target declares that it lacks the feature; nothing was sent."),
}
WITHOUT_CASES = {
    "not-testable": Label("Not testable", "○", "No request can show this row; see the reason."),
    "not-selected": Label("Not run", "○", "Its cases were not part of this run; see the reason."),
}
KNOWN = Label(
    "Known", "≠", "It fails, and the baseline accepts that for now: see the reason given there."
)
ALL = OUTCOMES | WITHOUT_CASES
RANKS = {outcome: rank for rank, outcome in enumerate(ALL)}
LEVELS = {
    "must": "must: a violation is a fail",
    "should": "should: a violation is a warning",
    "may": "may: recorded only",
}

EVIDENCE = {
    "none": "Nothing was shown.",
    "accepted": "The request was answered; an effect of the field was not observed.",
    "shape": "The answer has the shape that the schema requires.",
    "effect": "The answer itself shows the promised effect.",
    "differential": "Compared with the same request without the field, sent twice.",
    "upstream": "Seen at the provider: the request that the gateway forwarded.",
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
    "conformant": Label("Conformant", "✓", "Every core case was run and passed."),
    "partial": Label("Partial", "◐", "Nothing failed, but not every core case was shown."),
    "non-conformant": Label("Non-conformant", "✗", "At least one case failed."),
}


def location(name: str) -> str:
    """The heading of the rows of one location."""
    return LOCATIONS.get(name, name.replace("-", " ").replace("_", " ").capitalize())


def promise(behaviour: str) -> str:
    """`accepted, without any effect` for `ignored`."""
    return BY_ID[behaviour].promise if behaviour in BY_ID else ""


def stronger_evidence(behaviour: str, evidence: str) -> str:
    """How a better grade could be shown; empty if there is none."""
    return BY_ID[behaviour].needs if behaviour in BY_ID and evidence != "upstream" else ""
