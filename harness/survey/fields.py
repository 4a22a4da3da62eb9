"""The fields of a protocol: the rows of all its packs, each with what the packs try about it.

Two documents can describe one field differently. A survey tries both descriptions, and what the
target does decides which of them is right.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from harness.model import Pack, Row
from harness.report.case_rows import main_row
from harness.report.case_types import CaseData
from harness.report.fields import group_by_row
from harness.survey.row_cases import cases_about

ROLES: Final = ("developer", "system", "user", "assistant", "tool", "function")
IN_REQUESTS: Final = ("request", "tool", "message")
IN_ANSWERS: Final = ("response", "stream")
# Locations of rows that are fields; the others are statements about a service as a whole.
OF_FIELDS: Final = (*IN_REQUESTS, *IN_ANSWERS, "header", "error", "endpoint", "client")
IN_PARENTS: Final = ("messages[].role", "tools[].type")  # in every message, in every tool
INDEX: Final = re.compile(r"\[\w*\]")
Key = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Reading:
    """The cases of one pack about a field: one way in which a document describes it."""

    pack: str
    rows: tuple[Row, ...]
    cases: tuple[CaseData, ...]


@dataclass(frozen=True, slots=True)
class Field:
    """A field of the protocol: its row in the table, and the readings of the packs.

    `in_every_request` is true of the fields without which nothing is answered, such as the model.
    """

    row: Row
    readings: tuple[Reading, ...]
    in_every_request: bool = False


def fields_of(packs: Sequence[Pack], cases: Collection[CaseData]) -> list[Field]:
    """Return the fields in the order of the packs, those that extend another one first.

    Rows of two packs are one field if they have the same path, in messages of the same role.
    """
    extended = {parent for pack in packs for parent in pack.extends}
    ordered = sorted(packs, key=lambda pack: pack.id in extended)
    groups = group_by_row(packs, cases, lambda case: main_row(case, packs))
    readings = {
        (pack.id, row.id): Reading(
            pack.id, (row,), cases_about(row, groups.get((pack.id, row.id), []), packs)
        )
        for pack, row in rows(ordered)
    }
    same_field: dict[Key, list[tuple[str, str]]] = {}
    for pack, row in rows(ordered):
        same_field.setdefault(field_key(row), []).append((pack.id, row.id))
    fields, used = list[Field](), set[tuple[str, str]]()
    for pack, row in rows(ordered):
        if (pack.id, row.id) not in used:
            others = [name for name in same_field[field_key(row)] if name[0] != pack.id]
            used |= {(pack.id, row.id), *others}
            own = (readings[pack.id, row.id], *joined(readings[name] for name in others))
            fields.append(Field(row, own, row.path in (*pack.body, *IN_PARENTS)))
    return fields


def rows(packs: Iterable[Pack]) -> Iterator[tuple[Pack, Row]]:
    """Yield the rows that are fields, and those about forwarded requests as a whole."""
    for pack in packs:
        for row in pack.rows:
            if row.location in OF_FIELDS or row.id.startswith("forward."):
                yield pack, row


def joined(readings: Iterable[Reading]) -> Iterator[Reading]:
    """Yield one reading for each pack."""
    by_pack: dict[str, list[Reading]] = {}
    for reading in readings:
        by_pack.setdefault(reading.pack, []).append(reading)
    for pack, parts in by_pack.items():
        cases = {case["id"]: case for part in parts for case in part.cases}
        yield Reading(pack, tuple(r for part in parts for r in part.rows), tuple(cases.values()))


def field_key(row: Row) -> Key:
    """Return what two rows about the same field have in common.

    Example:
        `messages[n].content` of the role `tool` in one pack, `messages[tool].content` in another.
    """
    if row.path.startswith("("):  # a statement about more than one field
        return row.location, row.id, ""
    path = INDEX.sub("[]", row.path).removesuffix("[]")
    words = [*re.findall(r"\[(\w+)\]", row.path), *row.id.split(".")]
    in_messages = row.path.startswith("messages[")
    role = next((word for word in words if word in ROLES), "") if in_messages else ""
    if row.location in IN_REQUESTS:
        return "request", path, role
    return "response" if row.location in IN_ANSWERS else row.location, path, role
