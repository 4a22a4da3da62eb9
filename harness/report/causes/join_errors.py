"""Joins errors whose words differ although they have one cause."""

from __future__ import annotations

from collections.abc import Sequence

from harness.report.causes.group import Group
from harness.report.causes.topics import row_of


def join_errors(groups: Sequence[Group]) -> list[Group]:
    """Join server errors about one row, and refusals of several values in one case.

    What is wrong with the request only changes the words of such errors.
    """
    first: dict[tuple[str, ...], Group] = {}
    kept = []
    for group in groups:
        subject = subject_of(group)
        same = first.setdefault((*group.scope, *subject), group) if subject else group
        if same is group:
            kept.append(group)
        else:
            same.members += group.members
    return kept


def subject_of(group: Group) -> tuple[str, ...]:
    """Return the status of a group of errors, and the row or the case that all are about; or ()."""
    member = group.members[0]
    if group.topic.kind != "status" or not member.is_error:
        return ()
    crashes = member.status >= 500
    names = {row_of(each) for each in group.members} if crashes else {*group.cases}
    return (str(member.status), *names) if len(names) == 1 else ()
