"""Case entries -> what is wrong, each thing once, however many cases it breaks. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from harness.report.entries import EITHER
from harness.report.observed import wanted

Entry = dict[str, Any]
Kind = tuple[str, str, str]
NUMBER = re.compile(r"(?<=[/\s\[])\d+(?=$|[/\s\]])")
SAMPLES = 3


def general(at: str) -> str:
    """The same place in every answer: indices and event numbers do not tell faults apart."""
    return NUMBER.sub("*", at)


def kind(finding: Entry) -> Kind:
    """Rule, place, and what was wanted there: a 401 and a 200 are two wishes."""
    return finding["rule"], general(finding["at"]), wanted(finding["expected"])


def name(case: Entry) -> str:
    return f"{case['pack']}/{case['id']}"


def broken(case: Entry) -> list[Entry]:
    """What the target did not do; an inconclusive case accuses nobody."""
    if case["outcome"] not in ("fail", "warn"):
        return []
    return [
        finding
        for finding in case["findings"]
        if not finding["holds"] and finding["level"] != "may"
    ]


def faults(cases: Sequence[Entry]) -> list[Entry]:
    """Broken demands grouped by (rule, place), the one in most cases first."""
    groups: dict[Kind, list[tuple[Entry, Entry]]] = {}
    for case in cases:
        for finding in broken(case):
            groups.setdefault(kind(finding), []).append((case, finding))
    kinds = {name(case): {kind(f) for f in broken(case) if f["level"] == "must"} for case in cases}
    found = [fault(key, members, kinds) for key, members in groups.items()]
    return sorted(found, key=lambda f: (f["level"] != "must", -len(f["cases"]), f["rule"], f["at"]))


def fault(
    key: Kind,
    members: Sequence[tuple[Entry, Entry]],
    kinds: dict[str, set[Kind]],
) -> Entry:
    """`alone` counts the cases that would not fail any more if only this were mended."""
    hit = list(dict.fromkeys(name(case) for case, _ in members))
    places = {finding["at"] for _, finding in members}
    level = "must" if any(finding["level"] == "must" for _, finding in members) else "should"
    return {
        "rule": key[0],
        "at": places.pop() if len(places) == 1 else key[1],
        "level": level,
        "expected": members[0][1]["expected"],
        "got": list(dict.fromkeys(finding["got"] for _, finding in members))[:SAMPLES],
        "shots": len({(name(case), finding["shot"]) for case, finding in members}),
        "alone": sum(kinds[case] == {key} for case in hit),
        "cases": hit,
    }


def observations(cases: Sequence[Entry]) -> list[Entry]:
    """What was recorded without judging: the same sight in both modes is one line."""
    seen: dict[tuple[str, ...], Entry] = {}
    for case in cases:
        for finding, shot in recorded(case):
            sent = str(shot.get("value"))
            key = (name(case), finding["rule"], finding["at"], finding["got"], sent)
            entry = seen.setdefault(key, observation(case, finding, shot))
            if shot.get("mode") and shot["mode"] not in entry["modes"]:
                entry["modes"].append(shot["mode"])
    return list(seen.values())


def recorded(case: Entry) -> Iterator[tuple[Entry, Entry]]:
    """What may-level demands saw, and the status where an answer and a refusal are both right."""
    shots = {shot["id"]: shot for shot in case["shots"]}
    for finding in case["findings"]:
        either = finding["holds"] and finding["expected"] == EITHER
        law = finding["rule"].startswith(("schema", "stream."))  # excused here, told elsewhere
        told = finding["level"] == "may" and not law and (finding["got"] or not finding["holds"])
        if told or either:
            yield finding, shots.get(finding["shot"], {})


def observation(case: Entry, finding: Entry, shot: Entry) -> Entry:
    return {
        "case": name(case),
        "row": case["row"],
        "rule": finding["rule"],
        "at": finding["at"],
        "value": shot.get("value"),
        "modes": [],
        "expected": finding["expected"],
        "got": finding["got"],
    }
