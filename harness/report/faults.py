"""Groups failed findings into faults, and lists what was recorded without being judged."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from harness.report.case_data import ANSWER_OR_REFUSAL
from harness.report.case_types import CaseData, CaseIdentity, FindingData, ShotData
from harness.report.data import FaultData, ObservationData
from harness.report.findings import requirement

FaultKey = tuple[str, str, str]
NUMBER = re.compile(r"(?<=[/\s\[])\d+(?=$|[/\s\]])")
MAX_SAMPLES = 3


def fault_key(finding: FindingData) -> FaultKey:
    """Rule, place without indices, and requirement: findings with the same key are one fault.

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


def find_faults(cases: Sequence[CaseData]) -> list[FaultData]:
    """The faults: `must` before `should`, those that affect most cases first."""
    groups: dict[FaultKey, list[tuple[CaseData, FindingData]]] = {}
    must_keys: dict[str, set[FaultKey]] = {}
    for case in cases:
        keys = must_keys.setdefault(case_name(case), set())
        for finding in failed_findings(case):
            key = fault_key(finding)
            groups.setdefault(key, []).append((case, finding))
            if finding["level"] == "must":
                keys.add(key)
    faults = [fault(key, members, must_keys) for key, members in groups.items()]
    return sorted(
        faults, key=lambda f: (f["level"] != "must", -len(f["cases"]), f["rule"], f["at"])
    )


def fault(
    key: FaultKey,
    members: Sequence[tuple[CaseData, FindingData]],
    must_keys: dict[str, set[FaultKey]],
) -> FaultData:
    """`alone` counts the cases that would not fail any more if only this fault were fixed."""
    names = list(dict.fromkeys(case_name(case) for case, _ in members))
    places = {finding["at"] for _, finding in members}
    is_must = any(finding["level"] == "must" for _, finding in members)
    data: FaultData = {
        "rule": key[0],
        "at": places.pop() if len(places) == 1 else key[1],
        "level": "must" if is_must else "should",
        "expected": members[0][1]["expected"],
        "got": list(dict.fromkeys(finding["got"] for _, finding in members))[:MAX_SAMPLES],
        "shots": len({(case_name(case), finding["shot"]) for case, finding in members}),
        "alone": sum(must_keys[name] == {key} for name in names),
        "cases": names,
    }
    if all("depends_on_model" in finding for _, finding in members):
        data["depends_on_model"] = True
    return data


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
