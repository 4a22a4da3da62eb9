"""Failed findings of cases, keys to compare them, and what was recorded without being judged."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from harness.report.case_data import ANSWER_OR_REFUSAL
from harness.report.case_types import CaseData, CaseIdentity, FindingData, ShotData
from harness.report.data import ObservationData
from harness.report.findings import requirement
from harness.report.text import plural

FaultKey = tuple[str, str, str]
NUMBER = re.compile(r"(?<=[/\s\[])\d+(?=$|[/\s\]])")


def fault_key(finding: FindingData) -> FaultKey:
    """Rule, place without indices, and requirement, to compare the findings of two reports.

    The requirement is part of it because a missing 401 and a missing 200 have different causes.
    """
    return finding["rule"], NUMBER.sub("*", finding["at"]), requirement(finding["expected"])


def case_name(case: CaseIdentity) -> str:
    """PACK/ID."""
    return f"{case['pack']}/{case['id']}"


def failed_findings(case: CaseData) -> list[FindingData]:
    """The failed `must` and `should` findings; an inconclusive case has none."""
    if case["outcome"] not in ("fail", "warn"):
        return []
    return [f for f in case["findings"] if not f["holds"] and f["level"] != "may"]


def count_faults(faults: Iterable[Mapping[str, object]], which: str = "") -> str:
    """Return `2 faults`, `2 faults and 1 recommendation`, `1 recommendation`, or "".

    Args:
        which: An adjective before the faults, with a space.
    """
    levels = Counter(fault["level"] for fault in faults)
    names = {
        "must": f"{which}fault",
        "should": "recommendation" if levels["must"] else f"{which}recommendation",
    }
    return " and ".join(
        plural(levels[level], name) for level, name in names.items() if levels[level]
    )


def find_observations(cases: Sequence[CaseData]) -> list[ObservationData]:
    """The recorded findings; the same finding in both modes is one observation."""
    observations: dict[tuple[str, ...], ObservationData] = {}
    for case in cases:
        for finding, shot in recorded_findings(case):
            value = str(shot["value"] if shot else None)
            key = (case_name(case), finding["rule"], finding["at"], finding["got"], value)
            observation = observations.setdefault(
                key,
                {
                    "case": case_name(case),
                    "row": case["row"],
                    "rule": finding["rule"],
                    "at": finding["at"],
                    "value": shot["value"] if shot else None,
                    "modes": [],
                    "expected": finding["expected"],
                    "got": finding["got"],
                },
            )
            if shot and shot["mode"] not in observation["modes"]:
                observation["modes"].append(shot["mode"])
    return list(observations.values())


def recorded_findings(case: CaseData) -> Iterator[tuple[FindingData, ShotData | None]]:
    """`may` findings, and the status where an answer and a refusal are both permitted.

    Schemas and stream rules at level `may` are left out: they belong to other rows.
    """
    shots = {shot["id"]: shot for shot in case["shots"]}
    for finding in case["findings"]:
        permissive = finding["holds"] and finding["expected"] == ANSWER_OR_REFUSAL
        general = finding["rule"].startswith(("schema", "stream.", "http."))
        informative = bool(finding["got"]) or not finding["holds"]
        if permissive or (finding["level"] == "may" and not general and informative):
            yield finding, shots.get(finding["shot"])
