"""Finds the faults of a run, and describes each in sentences."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Final

from harness.report.case_types import CaseData, FindingData, SourceData
from harness.report.causes.group import Group
from harness.report.causes.groups import Calls, group_by_cause
from harness.report.causes.members import Member
from harness.report.causes.places import canonical
from harness.report.causes.scope import scope
from harness.report.causes.titles import feature_text, join_names, quoted, title, values_text
from harness.report.causes.topics import row_of
from harness.report.causes.wording import lookup, sentence, stream_reason
from harness.report.fault_types import ConsequenceData, FaultData
from harness.report.faults import case_name, failed_findings
from harness.report.text import one_line

MAX_GOT: Final = 3
MAX_ALSO: Final = 12
NO_CALLS: Final[Calls] = MappingProxyType({})
Locations = Mapping[tuple[str, str], str]
NO_LOCATIONS: Final[Locations] = MappingProxyType({})
# Where the promise of a fault is found that has nothing to do with the row of its case.
PLACE_OF_KIND: Final = {"stream": "stream", "http": "stream", "header": "header"}


def find_faults(
    cases: Sequence[CaseData], calls: Calls = NO_CALLS, locations: Locations = NO_LOCATIONS
) -> list[FaultData]:
    """Return the faults: `must` before `should`, those that affect most cases first.

    Args:
        cases: The judged cases, with links to what blocks them.
        calls: The requests of the run, by the id of the shot; without them, what requests have in
            common is not known.
        locations: The location of each row, by pack and row.
    """
    groups = group_by_cause([m for case in cases for m in failed_members(case)], cases, calls)
    faults = [fault(group, cases, locations) for group in groups]
    return sorted(
        faults,
        key=lambda f: (f["level"] != "must", -len(f["cases"]), -len(f["blocks"]), f["rule"], f["id"]),
    )


def failed_members(case: CaseData) -> list[Member]:
    shots = {shot["id"]: shot for shot in case["shots"]}
    return [Member(case, f, shots.get(f["shot"])) for f in failed_findings(case)]


def fault(group: Group, cases: Sequence[CaseData], locations: Locations) -> FaultData:
    member, names = group.members[0], group.cases
    promised, source = promise(group, locations)
    rules = [member.rule, group.topic.kind]
    if group.topic.kind == "status":
        rules = [f"status.{member.status}" if member.is_error else "status.answered"]
    if group.topic.kind == "stream":
        rules = [group.topic.key[0], *rules]
    if group.topic.kind == "schema" and member.is_error:
        rules = ["schema.error"]
    reason = stream_reason(member.protocol, member.rule, member.finding["expected"])
    data: FaultData = {
        "id": hashlib.sha256("\n".join(group.key).encode()).hexdigest()[:8],
        "level": "must" if group.level == "must" else "should",
        "kind": group.topic.kind,
        "title": title(group),
        "sent": sent(group),
        "got": list(dict.fromkeys(got for m in group.members for got in words(m)))[:MAX_GOT],
        "promised": promised,
        "source": source,
        "why": sentence(lookup("why", *rules[:1]) if not reason else reason)
        or sentence(lookup("why", *rules)),
        "hint": hint_of(group, rules),
        "scope": scope(group),
        "also": consequences(group),
        "rule": member.rule,
        "at": common_place(group),
        "expected": member.texts[0],
        "shots": len({m.answer for m in group.members}),
        "cases": names,
        "clears": cleared(group),
        "blocks": prevented(group, cases),
    }
    if all("depends_on_model" in m.finding for m in group.members):
        data["depends_on_model"] = True
    return data


def hint_of(group: Group, rules: Sequence[str]) -> str:
    return sentence(lookup("hint", *rules))


def sent(group: Group) -> str:
    """Return what the requests have in common that explains the fault, or the field's values."""
    if group.sent:
        return join_names([feature_text(feature) for feature in group.sent])
    if not group.topic.own and group.topic.kind != "status":
        return ""
    rows = list(dict.fromkeys(row_of(member) for member in group.members))
    values = values_text(group.members) if len(rows) == 1 else ""
    return one_line(f"{join_names([quoted(row) for row in rows])}{values}", 200)


def words(member: Member) -> list[str]:
    """Return what came, in the server's own words and in those of the provider behind it."""
    error = member.error
    got = member.texts[1]
    if error["message"] and member.is_error and error["message"][:40] not in got:
        got = f'{member.status}: "{error["message"]}"'
    texts = [one_line(got, 300)]
    provider = error["provider"]
    if provider and provider.partition(": ")[2][:40] not in f"{got} {error['message']}":
        texts.append(one_line(f"the provider: {provider}", 300))
    return [text for text in texts if text]


def promise(group: Group, locations: Locations) -> tuple[str, list[SourceData]]:
    """Return the promise that is broken, and where it is made.

    A rule for every answer is found in cases about other rows as well, whose promise it is not.
    """
    place = PLACE_OF_KIND.get(group.topic.kind, "")
    if group.topic.kind == "schema":
        place = "error" if group.members[0].is_error else "response"
    located = (m for m in group.members if locations.get((m.case["pack"], m.case["row"])) == place)
    member = next(located, None) if place else group.members[0]
    if member is not None:
        return member.case["why"], member.case["source"]
    return sentence(f"every answer has {group.members[0].texts[0]}"), []


def consequences(group: Group) -> list[ConsequenceData]:
    """Return the other rules that fail in the same answers or for the same cause."""
    answers: dict[tuple[str, str], set[tuple[str, str]]] = {}
    for member in group.members:
        for finding in (member.finding, *member.also):
            key = finding["rule"], canonical(finding["at"])
            answers.setdefault(key, set()).add(member.answer)
    root = group.members[0].rule
    counted = [(rule, at, len(shots)) for (rule, at), shots in answers.items() if rule != root]
    counted.sort(key=lambda each: (-each[2], each[0], each[1]))
    return [{"rule": rule, "at": at, "count": n} for rule, at, n in counted[:MAX_ALSO]]


def common_place(group: Group) -> str:
    """Return the place of the findings; `*` stands for an index that varies."""
    places = {member.finding["at"] for member in group.members}
    return places.pop() if len(places) == 1 else canonical(group.members[0].finding["at"])


def cleared(group: Group) -> int:
    """Return how many cases fail and would not if the findings of a fault were not there."""
    removed = {id(f) for member in group.members for f in (member.finding, *member.also)}
    cases = {id(m.case): m.case for m in group.members if m.case["outcome"] == "fail"}.values()
    return sum(
        all(id(f) in removed for f in failed_findings(case) if f["level"] == "must")
        for case in cases
    )


def prevented(group: Group, cases: Iterable[CaseData]) -> list[str]:
    """Return the names of the inconclusive cases that the fault prevents."""
    reported = {(m.case_name, f["rule"]) for m in group.members for f in (m.finding, *m.also)}
    return [
        case_name(case)
        for case in cases
        if case["outcome"] == "inconclusive"
        and any((by["case"], by["rule"]) in reported for by in case.get("blocked_by", ()))
    ]
