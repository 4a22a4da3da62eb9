"""Where a fault is seen: in streams only, in plain answers only, or with some values only."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from harness.report.case_types import CaseData, ShotData
from harness.report.causes.group import Group
from harness.report.causes.members import Member
from harness.report.text import compact_json

MAX_VALUES: Final = 3
MODES: Final = {"stream": "in streams only", "plain": "in plain answers only"}


def scope(group: Group) -> str:
    """Return where a fault is seen, if the same cases looked elsewhere as well; otherwise "".

    Example:
        "in streams only, with `1.5` only".
    """
    if group.topic.kind == "stream":
        return ""
    parts = [mode_scope(group.members), value_scope(group.members)]
    return ", ".join(part for part in parts if part)


def kind_of_answers(members: Sequence[Member]) -> str:
    """Return what all answers of the members are, as the first word of a sentence."""
    if all(member.is_stream for member in members):
        return "Streams"
    return "Errors" if all(member.is_error for member in members) else "Answers"


def mode_scope(members: Sequence[Member]) -> str:
    failed = {member.shot["mode"] for member in members if member.shot}
    tried = {shot["mode"] for member in members for shot in own_shots(member.case)}
    return MODES[failed.pop()] if len(failed) == 1 and len(tried) == 2 else ""


def value_scope(members: Sequence[Member]) -> str:
    """Return for which values of those that were tried a case fails; "" for all."""
    failed = {text for member in members if (text := value_text(member.shot))}
    cases = {id(member.case): member.case for member in members}.values()
    tried = {text for case in cases for shot in own_shots(case) if (text := value_text(shot))}
    if not failed or failed == tried or len(failed) > MAX_VALUES:
        return ""
    return f"with {' and '.join(f'`{text}`' for text in sorted(failed))} only"


def own_shots(case: CaseData) -> list[ShotData]:
    return [shot for shot in case["shots"] if not shot["control"]]


def value_text(shot: ShotData | None) -> str:
    return compact_json(shot["value"], 40) if shot and shot["value"] is not None else ""
