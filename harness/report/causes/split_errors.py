"""Splits answers with the same unexpected status by the part of the request that explains it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from harness.report.causes.group import Group
from harness.report.causes.members import Member
from harness.report.causes.shared_features import Features, explain, features_of
from harness.report.causes.topics import row_of

# Messages of such words do not say what is wrong, so that unlike causes can have them.
VAGUE: Final = re.compile(
    r"(?:(?:internal|server|error|bad|request|invalid|not|found|failed|upstream|provider|gateway|"
    r"api|unexpected|unknown|something|went|wrong|an?|has|occurred|method|allowed|unprocessable|"
    r"entity|service|unavailable|parameters?|values?|input|validation|unsupported|response|the|is|"
    r"was|\w+_error|answered)\b\W*)*"
)


def split_errors(group: Group, answered: Features, good: Features) -> Iterator[Group]:
    """Yield the parts of a group of statuses; other groups are yielded as they are.

    A message that says what is wrong is one cause. Otherwise what the requests have, and no good
    one has, divides the group, and the rows of the cases divide what is left.

    Args:
        answered: All features of requests that were answered with success, by protocol.
        good: Those of the requests of cases that passed.
    """
    if group.topic.kind != "status":
        yield group
        return
    reference = (good if group.topic.key == ("answered",) else answered)[group.members[0].protocol]
    parts, rest = explain(group.members, reference)
    if not VAGUE.fullmatch(group.topic.key[-1]):
        if len(parts) == 1 and not rest:
            group.sent = tuple(features_of(parts[0][0], group.members, reference))
        yield group
        return
    for name, members in parts:
        sent = tuple(features_of(name, members, reference))
        yield Group((*group.key, "sent", name), group.topic, members, sent)
    by_row: dict[str, list[Member]] = {}
    for member in rest:
        by_row.setdefault(row_of(member), []).append(member)
    yield from (Group((*group.key, row), group.topic, rows) for row, rows in by_row.items())
