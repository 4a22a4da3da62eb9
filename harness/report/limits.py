"""Sentences about what a run did not show: undecided cases and features that were refused."""

from __future__ import annotations

from collections import Counter

from harness.report.credit import is_refused
from harness.report.data import ReportData
from harness.report.labels import WORDING
from harness.report.text import plural
from harness.report.transport import transport_sentences

MAX_NAMES = 12
INSECURE = (
    "The certificates of the target were not checked (--insecure): another host can have answered."
)


def limit_sentences(report: ReportData) -> list[str]:
    """Return what limits the result: undecided cases, refused features and dropped requests."""
    sentences = [INSECURE] if "insecure" in report["target"] else []
    sentences += [*undecided_sentences(report), *refused_sentences(report)]
    return [*sentences, *(f"{text}." for text in transport_sentences(report))]


def undecided_sentences(report: ReportData) -> list[str]:
    """Return how many cases are inconclusive for which cause; nothing if none is.

    Example:
        "2 cases are inconclusive: 1 prevented by another fault, 1 refused by a rate limit."
    """
    cases = [case for case in report["cases"] if case["outcome"] == "inconclusive"]
    if not cases:
        return []
    causes = Counter(case.get("cause", "") for case in cases)
    phrases: dict[str, str] = WORDING["causes"]
    parts = [
        f"{number if len(causes) > 1 else 'all'} {phrases.get(cause, 'for another cause')}"
        for cause, number in causes.most_common()
    ]
    return [f"{plural(len(cases), 'case is', 'cases are')} inconclusive: {', '.join(parts)}."]


def refused_sentences(report: ReportData) -> list[str]:
    """Return the features whose every positive case was refused, which is permitted."""
    profiles = report.get("profiles", ())
    names = list(dict.fromkeys(name for one in profiles for name in one.get("refused", ())))
    refused = sum(map(is_refused, report["cases"]))
    if not refused:
        return []
    cases = plural(refused, "case passes", "cases pass")
    more = f" and {len(names) - MAX_NAMES} more" if len(names) > MAX_NAMES else ""
    features = f"; not shown: {', '.join(names[:MAX_NAMES])}{more}" if names else ""
    return [f"{cases} only because everything was refused, which is permitted{features}."]
