"""Files of mutants: each mistake has its place, and the files that ship have none."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from harness.load.mutants import load_mutants, load_overrides, read_changes
from harness.testbed.mutation.conditions import ERROR_KEYS, REPLY_KEYS, TESTS, TYPES
from harness.testbed.mutation.edits import EDITS
from harness.testbed.mutation.points import POINTS, PREFIXES
from harness.testbed.mutation.rows import FOLDER, mutants_of
from harness.util import json_schema
from harness.util.errors import FileProblems

SHIPPED = sorted(FOLDER.rglob("*.yaml"))
HEAD = "pack: tiny\nprotocol: chat\nmutants:\n"
ROW = "  - {id: a, description: s, case: seed, rule: status, at: request, do: {refuse: seed}}\n"


def problems(tmp_path: Path, text: str, *cases: str) -> list[str]:
    path = tmp_path / "mutants.yaml"
    path.write_text(text, "utf-8")
    with pytest.raises(FileProblems) as caught:
        load_mutants(path, cases or ("tiny/seed",))
    return [f"{place.line}:{place.column} {message}" for place, message in caught.value.problems]


DO = "do: {refuse: seed}"


@pytest.mark.parametrize(
    ("old", "new", "where", "message"),
    [
        (DO, "do: {refuze: x}", "refuze", "unknown key `refuze`; did you mean `refuse`?"),
        ("request", "requests", "at:", '"requests" should be "request" or'),
        ("case: seed", "case: sead", "case:", "there is no case `tiny/sead`; did you mean"),
        ("id: a, ", "", "{description", "the key `id` is missing"),
        (DO, "do: {status: 400}", "status: 4", "`status` is not possible at `request`; there"),
        (DO, "do: {drop: '$.a['}", "drop", "$.a[: unbalanced brackets"),
        (DO, "do: {drop: [$.a, '$.b[']}", "'$.b", "$.b[: unbalanced brackets"),
        (DO, "do: {echo: {$.a: '$.b['}}", "$.a", "$.b[: unbalanced brackets"),
        (DO, "do: {drop: $}", "drop", "an operator changes a part of the data"),
        ("do:", "when: {'$.a[': present}, do:", "'$.a[", "$.a[: unbalanced brackets"),
        ("do:", "when: {$.a: {matches: '('}}, do:", "matches", "not a regular expression"),
        (DO, "do: {drop: '$.a | $.b['}", "drop", "$.b[: unbalanced brackets"),
        (DO, "do: {substitute: {$.a: {b: '\\1'}}}", "b:", "not a regular expression"),
        ("do:", "when: [{$.a: absent}, {'$.a[': absent}], do:", "'$.a[", "$.a[: unbalanced"),
        ("request, do: {refuse: seed}", "forwarded, do: {forgive: seed}", "forgive", "seed: "),
        ("request,", "provider-error, when: {kind: absent},", "kind", "unknown key; `provider"),
        ("do:", "when: {$.a.b: invalid}, do:", "$.a.b", "`invalid` is for fields of the"),
        ("request,", "error, when: {kind: present},", "kind", "unknown key; `error` has status"),
        ("request,", "headers, when: {code: absent},", "when", "`headers` takes no conditions"),
        ("request,", "frames, when: {$.a: absent},", "when", "`frames` takes no conditions"),
        ("request,", "stream, protocol: embeddings,", "at:", "`stream` needs a `protocol`"),
        (DO, "do: {pair: {$.a: '$.b['}}", "$.a", "$.b[: unbalanced brackets"),
        (DO, "do: {substitute: {$.a: {'(': x}}}", "'('", "not a regular expression"),
        (DO, r"do: {substitute: {$.a: {x: '\1'}}}", "x", "not a regular expression: invalid group"),
        ("do:", "when: {'data $.a[': present}, do:", "'data", "$.a[: unbalanced brackets"),
        ("request,", "reply, when: {code: absent},", "code", "unknown key; `reply` has path"),
    ],
)
def test_mistake_is_reported_at_its_place(
    old: str, new: str, where: str, message: str, tmp_path: Path
) -> None:
    row = ROW.replace(old, new, 1)
    lines = problems(tmp_path, HEAD + row)
    assert any(line.startswith(f"4:{row.index(where) + 1} {message}") for line in lines), lines


def test_file_without_protocol_and_with_two_equal_ids_is_rejected(tmp_path: Path) -> None:
    lines = problems(tmp_path, HEAD.replace("protocol: chat\n", "") + ROW + ROW)
    assert [line for line in lines if "needs a `protocol`" in line]
    [line] = [line for line in lines if "duplicate" in line]
    assert line.startswith("4:6 duplicate id `a`; first used at ")


def test_mutants_with_the_same_defect_need_ids_and_cases_of_their_own(tmp_path: Path) -> None:
    also = "also: [{id: a, case: seed, rule: r}]"
    lines = problems(tmp_path, HEAD + ROW.replace("rule: status", f"rule: status, {also}"))
    assert any("duplicate id `a`" in line for line in lines), lines
    also = "also: [{id: b, case: sead, rule: r}]"
    lines = problems(tmp_path, HEAD + ROW.replace("rule: status", f"rule: status, {also}"))
    assert any("there is no case `tiny/sead`" in line for line in lines), lines


def test_override_for_an_unknown_variant_is_rejected(tmp_path: Path) -> None:
    path = tmp_path / "teach.yaml"
    row = "overrides: [{at: answer, protocol: chat, do: {drop: $.id}}]\n"
    path.write_text(row + "affects: {lacks.tool: [tiny/*]}\n", "utf-8")
    with pytest.raises(
        FileProblems, match=r"no variant `lacks\.tool`; did you mean `lacks\.tools`"
    ):
        load_overrides(path, ("lacks.tools",))
    assert load_overrides(path, ("lacks.tool",)).affects == {"lacks.tool": ("tiny/*",)}
    assert "the file has no `mutants`" in str(read_changes(path, "mutants").problems)


def definitions() -> Any:
    return json_schema.contents("mutants")["$defs"]


def test_schema_and_program_have_the_same_operators_points_and_tests() -> None:
    schema = json_schema.contents("mutants")
    operators = {*EDITS, *(name for point in POINTS.values() for name in point.operators)}
    assert {*definitions()["operators"]["properties"]} == operators
    points = schema["properties"]["mutants"]["items"]["properties"]["at"]["oneOf"]
    assert [point["const"] for point in points] == [*POINTS]
    assert {*definitions()["test"]["oneOf"][1]["properties"]} == {*TESTS}
    assert definitions()["type"]["enum"] == [*TYPES]
    assert definitions()["protocol"]["enum"] == [*PREFIXES]


def test_page_names_every_operator_point_and_test() -> None:
    page = (Path(__file__).parents[2] / "docs" / "mutants.md").read_text("utf-8")
    operators = definitions()["operators"]["properties"]
    for name in (*operators, *POINTS, *TESTS, *PREFIXES, *ERROR_KEYS, *REPLY_KEYS):
        assert f"`{name}" in page, name


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_file_that_ships_has_no_mistake(path: Path) -> None:
    file = read_changes(path, "mutants")
    assert file.problems == []
    assert mutants_of(file.data)
