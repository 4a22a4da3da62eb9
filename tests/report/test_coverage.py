"""Every row of a document has a case, every case a row: both ways, in every pack that ships."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from harness.language.behaviours import BY_ID
from harness.load.packs import load_packs
from harness.model import Pack, Row
from harness.report.coverage import coverage
from tests.support.inline_pack import PACK, case

# The tables of the compatibility page, line by line; `behaviour` is what it promises in prose.
TABLES = {"request": 37, "tool": 8, "message": 28, "response": 22, "header": 12}
SHIPPED = {pack.id: pack for pack in load_packs(["openai-compat"], tuple(BY_ID))}


def uncovered(pack: Pack) -> list[str]:
    return [line.row.id for line in coverage(pack) if line.uncovered]


shipped = pytest.mark.parametrize("pack", SHIPPED.values(), ids=list(SHIPPED))


def test_a_row_is_covered_by_its_cases_and_by_those_that_also_speak_of_it() -> None:
    rows = tuple(Row(name, name, "request", "supported") for name in ("a", "b", "c"))
    cases = (case("supported", id="one", row="a"), case("supported", id="two", row="b"))
    pack = replace(PACK, rows=rows, cases=(cases[0], replace(cases[1], also=("a", "elsewhere"))))
    assert [(line.row.id, line.cases) for line in coverage(pack)] == [
        ("a", ("one", "two")),
        ("b", ("two",)),
        ("c", ()),
    ]
    assert uncovered(pack) == ["c"]
    excused = replace(pack, rows=(*rows[:2], replace(rows[2], not_testable="not observable")))
    assert uncovered(excused) == []


@shipped
def test_every_row_has_a_case_or_a_reason(pack: Pack) -> None:
    assert uncovered(pack) == []


@shipped
def test_no_row_has_both_a_case_and_a_reason_why_there_is_none(pack: Pack) -> None:
    both = [line.row.id for line in coverage(pack) if line.cases and line.row.not_testable]
    assert both == []


@shipped
def test_every_case_speaks_of_rows_of_its_own_pack(pack: Pack) -> None:
    rows = {row.id for row in pack.rows}
    assert [c.id for c in pack.cases if not {c.row, *c.also} <= rows] == []


@shipped
def test_every_declared_behaviour_exists_or_is_unspecified(pack: Pack) -> None:
    assert {row.declared for row in pack.rows} <= {*BY_ID, "unspecified"}


@shipped
def test_every_source_is_named_in_the_pack(pack: Pack) -> None:
    assert {source for row in pack.rows for source in row.source} <= set(pack.sources)
    named = {str(c.spec["source"]).split(" § ")[0] for c in pack.cases if "source" in c.spec}
    assert named <= set(pack.sources)


@shipped
def test_every_case_has_a_reason(pack: Pack) -> None:
    assert [c.id for c in pack.cases if not c.why or "source" not in c.spec] == []


def test_the_compatibility_page_is_there_row_by_row() -> None:
    counts = Counter(row.location for row in SHIPPED["openai-compat"].rows)
    assert {place: counts[place] for place in TABLES} == TABLES
    assert sum(TABLES.values()) == 107
    assert set(counts) == {*TABLES, "behaviour"}


def test_a_row_of_its_tables_is_shown_by_a_case_of_the_declared_behaviour() -> None:
    """But for `model`, which every case that is answered shows to be supported."""
    pack = SHIPPED["openai-compat"]
    behaviours = {c.id: c.behaviour for c in pack.cases}
    unshown = [
        line.row.id
        for line in coverage(pack)
        if line.row.declared in BY_ID
        and line.row.location in TABLES
        and not line.row.not_testable
        and line.row.declared not in {behaviours[case] for case in line.cases}
    ]
    assert unshown == ["model"]
