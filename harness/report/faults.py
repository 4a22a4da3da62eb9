"""Groups failed findings into faults, and lists what was recorded without being judged."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from harness.report.case_data import ANSWER_OR_REFUSAL
from harness.report.case_types import CaseData, CaseIdentity, FindingData, ShotData
from harness.report.data import ObservationData
from harness.report.fault_types import FaultData, FaultKind
from harness.report.findings import expected_and_got, requirement
from harness.report.labels import rule_sentence

FaultKey = tuple[str, str, str]
Member = tuple[CaseData, FindingData]
NUMBER = re.compile(r"(?<=[/\s\[])\d+(?=$|[/\s\]])")
MAX_SAMPLES = 3
# The kind of a fault by the start of its rule; the other rules are about a field.
KINDS: Final[Mapping[str, FaultKind]] = {
    "transport": "transport",
    "prerequisite": "status",
    "status": "status",
    "stream.": "stream",
    "events": "stream",
    "http.": "http",
    "schema": "schema",
    "header": "header",
    "claim.": "claim",
    "body": "answer",
    "forward": "forwarded",
}


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
    """The faults: `must` before `should`, those that affect most cases first.

    A fault has one level, since a recommendation and a requirement are not fixed for one reason.
    """
    groups: dict[tuple[str, FaultKey], list[Member]] = {}
    for case in cases:
        for finding in failed_findings(case):
            key = finding["level"], fault_key(finding)
            groups.setdefault(key, []).append((case, finding))
    faults = [fault(*key, members, cases) for key, members in groups.items()]
    return sorted(
        faults, key=lambda f: (f["level"] != "must", -len(f["cases"]), f["rule"], f["at"])
    )


def fault(
    level: str, key: FaultKey, members: Sequence[Member], cases: Sequence[CaseData]
) -> FaultData:
    names = list(dict.fromkeys(case_name(case) for case, _ in members))
    places = {finding["at"] for _, finding in members}
    first, finding = members[0]
    pairs = [expected_and_got(f["at"], f["expected"], f["got"]) for _, f in members]
    data: FaultData = {
        "id": hashlib.sha256(repr((level, key)).encode()).hexdigest()[:8],
        "level": "must" if level == "must" else "should",
        "kind": kind_of(finding),
        "title": rule_sentence(key[0]),
        "sent": "",
        "got": list(dict.fromkeys(got for _, got in pairs if got))[:MAX_SAMPLES],
        "promised": first["why"],
        "source": first["source"],
        "why": "",
        "hint": "",
        "scope": "",
        "also": [],
        "rule": key[0],
        "at": places.pop() if len(places) == 1 else key[1],
        "expected": pairs[0][0],
        "shots": len({(case_name(case), finding["shot"]) for case, finding in members}),
        "cases": names,
        "clears": cleared(members),
        "blocks": prevented(key[0], names, cases),
    }
    if all("depends_on_model" in finding for _, finding in members):
        data["depends_on_model"] = True
    return data


def kind_of(finding: FindingData) -> FaultKind:
    """The kind of a fault, from the rule of its findings."""
    if finding["at"].startswith("forwarded ") or finding["grade"] == "upstream":
        return "forwarded"
    return next(
        (kind for start, kind in KINDS.items() if finding["rule"].startswith(start)), "field"
    )


def cleared(members: Sequence[Member]) -> int:
    """The number of cases that fail and would not if the findings of a fault were not there."""
    removed: dict[str, list[FindingData]] = {}
    for case, finding in members:
        removed.setdefault(case_name(case), []).append(finding)
    affected = {case_name(case): case for case, _ in members if case["outcome"] == "fail"}
    return sum(
        all(f in removed[name] for f in failed_findings(case) if f["level"] == "must")
        for name, case in affected.items()
    )


def prevented(rule: str, names: Sequence[str], cases: Sequence[CaseData]) -> list[str]:
    """The names of the inconclusive cases that failures of a rule in some cases prevent."""
    return [
        case_name(case)
        for case in cases
        if case["outcome"] == "inconclusive"
        and any(by["rule"] == rule and by["case"] in names for by in case.get("blocked_by", ()))
    ]


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
