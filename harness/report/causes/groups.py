"""Groups the failed findings of a run by their cause."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from harness.model import Call, Plan
from harness.report.case_types import CaseData, ShotData
from harness.report.causes.group import Group
from harness.report.causes.joins import join
from harness.report.causes.members import Member
from harness.report.causes.request_features import features
from harness.report.causes.roots import roots
from harness.report.causes.shared_features import Features
from harness.report.causes.split_errors import split_errors
from harness.report.causes.topics import Key

Calls = Mapping[str, Call]


def calls_of(plans: Iterable[Plan]) -> Calls:
    """Return the requests of some plans by the id of the shot, those of prerequisites as well."""
    return {
        shot.id: shot.call
        for plan in plans
        for script in (*plan.scripts, *(each.script for each in plan.prerequisites))
        for shot in script.shots
    }


class Requests:
    """The features of the requests of a run; each is computed when it is needed first."""

    def __init__(self, calls: Calls) -> None:
        self.calls = calls
        self.known: dict[str, frozenset[str]] = {}

    def features(self, shot: str) -> frozenset[str]:
        if shot not in self.known:
            call = self.calls.get(shot)
            self.known[shot] = features(call) if call else frozenset()
        return self.known[shot]

    def protocol(self, shot: str) -> str:
        call = self.calls.get(shot)
        return call.protocol if call else ""

    def all_features(self, shots: Iterable[str]) -> Features:
        """Return all features of some shots, by protocol; no shot of a protocol has none."""
        every: defaultdict[str, frozenset[str]] = defaultdict(frozenset)
        by_protocol: dict[str, list[frozenset[str]]] = {}
        for shot in dict.fromkeys(shots):
            by_protocol.setdefault(self.protocol(shot), []).append(self.features(shot))
        every.update((name, frozenset().union(*sets)) for name, sets in by_protocol.items())
        return every


def group_by_cause(
    failed: Sequence[Member], cases: Sequence[CaseData], calls: Calls
) -> list[Group]:
    """Return the groups of findings that have one cause each, in the order of their cases.

    Args:
        failed: The failed findings, without their requests.
        cases: All cases of the run: their good answers tell which requests are not the cause.
        calls: The requests of the run, by the id of the shot.
    """
    if not failed:
        return []
    requests = Requests(calls)
    answered = requests.all_features(s["id"] for c in cases for s in c["shots"] if is_answered(s))
    passed = [case for case in cases if case["outcome"] == "pass"]
    good = requests.all_features(s["id"] for case in passed for s in case["shots"])
    return group(failed, requests, answered, good)


def group(
    failed: Sequence[Member], requests: Requests, answered: Features, good: Features
) -> list[Group]:
    """Return the groups; `answered` and `good` as for `split_errors`."""
    by_answer: dict[tuple[str, str], list[Member]] = {}
    for member in failed:
        shot = member.finding["shot"]
        known = replace(member, request=requests.features(shot), protocol=requests.protocol(shot))
        by_answer.setdefault(known.answer, []).append(known)
    groups: dict[Key, Group] = {}
    for members in by_answer.values():
        for root, what in roots(members):
            key = (root.finding["level"], root.protocol, *what.cause)
            groups.setdefault(key, Group(key, what)).members.append(root)
    parts = [part for each in groups.values() for part in split_errors(each, answered, good)]
    return join(parts, good)


def is_answered(shot: ShotData) -> bool:
    return shot["status"] is not None and 200 <= shot["status"] < 300
