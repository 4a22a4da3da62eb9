"""Finds the faults of a run, and describes each in sentences."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from harness.model import Plan
from harness.report.case_types import CaseData, SourceData
from harness.report.causes.error_titles import values_text
from harness.report.causes.extent import cleared, common_place, consequences, prevented
from harness.report.causes.group import Group
from harness.report.causes.groups import calls_of, group_by_cause
from harness.report.causes.members import Member, innermost
from harness.report.causes.names import feature_text, join_names, quoted
from harness.report.causes.promises import general_promise
from harness.report.causes.scope import scope
from harness.report.causes.titles import SENT, own_sentence, title
from harness.report.causes.topics import PROMISES, row_of
from harness.report.causes.wording import lookup, sentence, stream_reason
from harness.report.data import FieldData
from harness.report.fault_types import FaultData, FaultKind
from harness.report.faults import failed_findings
from harness.report.text import one_line

MAX_GOT: Final = 3
Locations = Mapping[tuple[str, str], str]
# Where the promise of a fault is found that has nothing to do with the row of its case.
PLACE_OF_KIND: Final = {"stream": "stream", "header": "header"}


def find_faults(
    cases: Sequence[CaseData], plans: Iterable[Plan] = (), fields: Iterable[FieldData] = ()
) -> list[FaultData]:
    """Return the faults: `must` before `should`, those that affect most cases first.

    Args:
        cases: The judged cases, with links to what blocks them.
        plans: The plans of the run; without them, what requests have in common is not known.
        fields: The table of fields, which tells what a row is about.
    """
    failed = [member for case in cases for member in failed_members(case)]
    locations = {(field["pack"], field["row"]): field["location"] for field in fields}
    groups = group_by_cause(failed, cases, calls_of(plans) if failed else {})
    faults = [fault(group, cases, locations) for group in groups]
    return sorted(faults, key=order)


def order(fault: FaultData) -> tuple[bool, int, str, str]:
    """Return what sorts faults: requirements first, then those that affect most cases."""
    size = len(fault["cases"]) + len(fault["blocks"])
    return fault["level"] != "must", -size, fault["rule"], fault["title"]


def failed_members(case: CaseData) -> list[Member]:
    shots = {shot["id"]: shot for shot in case["shots"]}
    return [Member(case, f, shots.get(f["shot"])) for f in failed_findings(case)]


def fault(group: Group, cases: Sequence[CaseData], locations: Locations) -> FaultData:
    put_first(group, locations)
    member = group.members[0]
    promised, source = promise(group, locations)
    got = (text for each in group.members for text in words(each, group.topic.kind))
    data: FaultData = {
        "id": group.id,
        "level": "must" if group.level == "must" else "should",
        "kind": group.topic.kind,
        "title": capitalised(title(group, location_of(member, locations))),
        "sent": sent(group),
        "got": list(dict.fromkeys(got))[:MAX_GOT],
        "promised": promised,
        "source": source,
        "why": reason(group),
        "hint": sentence(own_sentence(group, "hint") or lookup("hint", *names(group))),
        "scope": scope(group),
        "also": consequences(group),
        "rule": member.rule,
        "at": common_place(group),
        "expected": member.texts[0],
        "shots": len({each.answer for each in group.members}),
        "cases": group.cases,
        "clears": cleared(group),
        "blocks": prevented(group, cases),
    }
    if all("depends_on_model" in each.finding for each in group.members):
        data["depends_on_model"] = True
    return data


def put_first(group: Group, locations: Locations) -> None:
    """Put the members first that describe the cause best: a promise, or what the caller sends."""
    if group.topic.own:
        group.members.sort(
            key=lambda m: (m.family not in PROMISES, location_of(m, locations) not in SENT)
        )


def capitalised(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}"


def location_of(member: Member, locations: Locations) -> str:
    return locations.get((member.case["pack"], member.case["row"]), "")


def names(group: Group) -> list[str]:
    """Return the names under which the reason and the hint of a fault are found."""
    member, kind = group.members[0], group.topic.kind
    if kind == "status" and member.is_error:
        other = all(each.finding["expected"].startswith("status ") for each in group.members)
        return [f"status.other.{member.status}" if other else f"status.{member.status}"]
    if kind == "status":
        return ["status.answered"]
    if kind == "stream":
        return [group.topic.key[0], kind]
    if kind == "schema" and member.is_error:
        return ["schema.error"]
    return [member.rule, kind]


def reason(group: Group) -> str:
    """Return why a fault matters; the rules of streams have reasons of their own."""
    member = group.members[0]
    own = stream_reason(member.protocol, member.rule, member.finding["expected"])
    return sentence(own or lookup("why", *names(group)))


def sent(group: Group) -> str:
    """Return what the requests have in common that explains the fault, or the field's values."""
    if group.sent:
        return join_names([feature_text(feature) for feature in group.sent])
    if not group.topic.own and group.topic.kind != "status":
        return ""
    paths = dict.fromkeys(row_of(member) for member in group.members)
    rows = [path for path in paths if not path.startswith("(")]  # others are no fields
    values = values_text(group.members) if len(paths) == 1 else ""
    names = join_names([quoted(row) for row in rows])
    return one_line(f"{names}{values}" if names else values.removeprefix(": "), 200)


def words(member: Member, kind: FaultKind) -> list[str]:
    """Return what came, in the server's own words and in those of the provider behind it."""
    error, got = member.error, member.texts[1]
    if kind == "status" and error["message"]:
        got = f'{member.status}: "{innermost(error["message"])}"'
    texts = [one_line(got, 300)]
    provider = error["provider"]
    if provider and provider.partition(": ")[2][:40] not in got:
        texts.append(one_line(f"the provider: {provider}", 300))
    return [text for text in texts if text]


def promise(group: Group, locations: Locations) -> tuple[str, list[SourceData]]:
    """Return the promise that is broken, and where it is made.

    A rule for every answer is found in cases about other rows as well, whose promise it is not.
    """
    if general := lookup("promised", group.members[0].rule):
        return general, []
    place = PLACE_OF_KIND.get(group.topic.kind, "")
    if group.topic.kind == "schema":
        place = "error" if group.members[0].is_error else "response"
    located = (m for m in group.members if location_of(m, locations) == place)
    member = next(located, None) if place else group.members[0]
    if member is not None:
        return member.case["why"], member.case["source"]
    return sentence(general_promise(group.members[0])), []
