"""A case's entry, evidence -> what its part of the page lays out. May not write HTML or decide."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from harness.report import rules, words
from harness.report.evidence import shown
from harness.report.observed import told
from harness.report.text import compact
from harness.report.views import place

Data = dict[str, Any]


def case(entry: Data, evidence: Mapping[str, Data]) -> Data:
    """Everything an opened case shows; `evidence` may hold fewer shots than the case has."""
    labels = {shot["id"]: shot_label(shot) for shot in entry["shots"]}
    seen = exchanges(entry, evidence, labels)
    broken = [finding for finding in entry["findings"] if not finding["holds"]]
    held = [finding for finding in entry["findings"] if finding["holds"]]
    return {
        "case": entry,
        "promise": words.promise(entry["behaviour"]),
        "stronger": words.stronger(entry["behaviour"], entry["evidence"]),
        "evidence": words.EVIDENCE[entry["evidence"]],
        "broken": merged(broken, labels),
        "held": merged(held, labels),
        "exchanges": seen,
        "unseen": len(entry["shots"]) - len(seen),
    }


def shot_label(shot: Data) -> str:
    """`stream, 1.5` or `plain, answer` or `control`."""
    value = "" if shot["value"] is None else compact(shot["value"], 40)
    what = "control" if shot["control"] else value
    again = f"repeat {shot['repeat']}" if shot.get("repeat") else ""
    return ", ".join(part for part in (shot["mode"], shot["step"], what, again) if part)


def merged(findings: list[Data], labels: Mapping[str, str]) -> list[Data]:
    """The same finding on several shots is told once, with the shots beside it."""
    found: dict[tuple[str, ...], Data] = {}
    for finding in findings:
        keys = ("rule", "level", "demanded", "at", "expected", "got")
        one = found.setdefault(tuple(finding[key] for key in keys), {**finding, "shots": []})
        label = labels.get(finding["shot"], finding["shot"])
        if label not in one["shots"]:
            one["shots"].append(label)
    for one in found.values():
        one["says"], one["where"] = rules.says(one["rule"]), place(one)
        one["expected"], one["got"] = told(one)
    return sorted(found.values(), key=lambda one: words.ORDER.index(one["level"]))


def exchanges(entry: Data, evidence: Mapping[str, Data], labels: Mapping[str, str]) -> list[Data]:
    """What failed comes first; what it was compared with comes last."""
    outcomes = {shot["id"]: shot["outcome"] for shot in entry["shots"]}
    return [
        {
            **evidence[shot],
            "id": shot,
            "label": labels[shot],
            "outcome": outcomes[shot],
        }
        for shot in shown(entry)
        if shot in evidence
    ]
