"""`harness compare`: many reports in one view, nothing of a target becomes markup or a formula."""

from __future__ import annotations

import copy
import csv
import io
import json
import re
from pathlib import Path
from typing import Any

import pytest

from harness.report import compare
from harness.report.build import build_report
from tests.support import pack_on_disk
from tests.support.report_data import RUN, case, entry, finding, pack, row

Data = Any
HOSTILE = '</script><img src=x onerror="alert(1)">|=1+1`*'


def report(name: str = "acme", **outcomes: Any) -> Data:
    """A report on the fields a, b and c; each holds unless an outcome is given."""
    rows = [row("a"), row("b"), row("c", location="header")]
    entries = []
    for field in "abc":
        outcome = outcomes.get(field, "pass")
        level: Any = {"fail": "must", "warn": "should"}.get(outcome, "must")
        wrong = [finding("ignored.refused", "status", "400", level=level)]
        findings = wrong if outcome in ("fail", "warn") else []
        about = case(field, of="compat")
        entries.append(entry(about, outcome, *findings, **open_cause(outcome)))
    target = {"name": name, "base_url": "https://h/v1", "model": "m"}
    return build_report({**RUN, "target": target}, [pack(*rows)], entries)


def open_cause(outcome: str) -> Data:
    return {"cause": "model", "reason": "it did not"} if outcome == "inconclusive" else {}


def test_fields_are_rows_and_targets_are_columns() -> None:
    grid = compare.make_grid([report("one"), report("two", b="fail"), report("three", b="warn")])
    assert [column["label"] for column in grid["columns"]] == ["one", "two", "three"]
    assert [(r["row"], r["differs"]) for r in grid["rows"]] == [
        ("a", False),
        ("b", True),
        ("c", False),
    ]
    assert [cell["outcome"] for cell in grid["rows"][1]["cells"]] == ["pass", "fail", "warn"]


def test_a_cell_has_its_failed_assertions() -> None:
    cell = compare.make_grid([report(b="fail")])["rows"][1]["cells"][0]
    [case] = cell["cases"]
    [failed] = case["failed"]
    assert (case["case"], case["outcome"]) == ("compat/b", "fail")
    assert (failed["sentence"], failed["got"]) == (
        "A field that should be ignored is refused",
        "400",
    )


def test_a_field_that_a_report_lacks_is_absent_there() -> None:
    other = report("other")
    other["fields"] = [field for field in other["fields"] if field["row"] != "b"]
    grid = compare.make_grid([other, report()])
    absent = next(r for r in grid["rows"] if r["row"] == "b")
    assert [cell["outcome"] for cell in absent["cells"]] == ["absent", "pass"]
    assert absent["differs"] is False


def test_undecided_and_skipped_cells_are_not_differences() -> None:
    grid = compare.make_grid([report(), report(b="skip"), report(b="inconclusive")])
    assert [r["row"] for r in grid["rows"] if r["differs"]] == []


@pytest.mark.parametrize(
    ("changes", "labels"),
    [
        ([{}, {"name": "b"}], ["a", "b"]),
        ([{"model": "m1"}, {"model": "m2"}], ["a, m1", "a, m2"]),
        (
            [{"started": "2026-01-01T00:00:00Z"}, {"started": "2026-01-02T00:00:00Z"}],
            ["a, m, 2026-01-01T00:00:00Z", "a, m, 2026-01-02T00:00:00Z"],
        ),
        ([{}, {}], ["a, m, 2026-10-05T10:00:00Z #1", "a, m, 2026-10-05T10:00:00Z #2"]),
    ],
)
def test_column_labels_are_unique(changes: list[Data], labels: list[str]) -> None:
    reports = []
    for change in changes:
        one = report("a")
        one["started"] = change.pop("started", one["started"])
        one["target"] |= change
        reports.append(one)
    assert [column["label"] for column in compare.make_grid(reports)["columns"]] == labels


def test_markdown_lists_differences_and_counts_other_fields() -> None:
    text = compare.markdown(compare.make_grid([report("one"), report("two", b="fail")]))
    assert "| ✗ fail | 0 | 1 |" in text
    assert "| `b` (compat) | ✓ | ✗ refused with 400 |" in text
    assert "2 more fields pass wherever they were tested." in text


def test_csv_has_a_line_for_each_field_and_target() -> None:
    lines = list(
        csv.DictReader(
            io.StringIO(compare.csv_text(compare.make_grid([report(), report("x", a="fail")])))
        )
    )
    assert len(lines) == 6
    assert {line["outcome"] for line in lines if line["row"] == "a"} == {"pass", "fail"}


def test_no_text_of_a_target_becomes_markup_or_a_formula() -> None:
    hostile = report(HOSTILE, b="fail")
    hostile = json.loads(json.dumps(hostile).replace("400", json.dumps(HOSTILE)[1:-1]))
    other = copy.deepcopy(hostile)
    for field in other["fields"]:
        field["observed"] = "=cmd()"
    grid = compare.make_grid([hostile, other])
    page = compare.html(grid)
    assert "<img" not in page
    assert page.count("</script>") == 2
    assert "<img" not in compare.markdown(grid).replace("\\<", "")
    for line in csv.reader(io.StringIO(compare.csv_text(grid))):
        assert not [cell for cell in line if cell.startswith(("=", "+", "-", "@"))]


def test_different_outcomes_of_the_modes_are_shown() -> None:
    grid = compare.make_grid([report("one"), report("two", b="fail")])
    cells: Any = grid["rows"][1]["cells"]
    right, wrong = cells
    right.update(plain="pass", stream="pass")
    wrong.update(plain="pass", stream="fail")
    [modes] = re.findall(r'<span class="modes">(.*?)</span></span>', compare.html(grid))
    assert re.sub(r"<.*?>", " ", modes).split() == ["plain", "✓", "stream", "✗"]


def test_the_page_is_self_contained_and_has_every_cell() -> None:
    grid = compare.make_grid([report("one"), report("two", b="fail")])
    page = compare.html(grid)
    assert not re.findall(r"""(?:src|href)=["']?(?:https?:)?//""", page)
    [text] = re.findall(r'<script type="application/json" id="cells">(.*?)</script>', page)
    cells = json.loads(text)
    assert [len(line) for line in cells] == [2, 2, 2]
    assert cells[1][1]["cases"][0]["failed"][0]["got"] == "400"


def written(folder: Path, name: str, data: Data) -> Path:
    place = folder / name
    place.mkdir()
    (place / "report.json").write_text(json.dumps(data), encoding="utf-8")
    return place


def test_the_command_reads_folders_and_files_and_writes_three_formats(tmp_path: Path) -> None:
    one = written(tmp_path, "one", report("one"))
    two = written(tmp_path, "two", report("two", b="fail"))
    outs = [tmp_path / "out" / name for name in ("all.html", "all.md", "all.csv")]
    result = pack_on_disk.harness(
        "compare", one, two / "report.json", *(f"--out={out}" for out in outs)
    )
    assert (result.code, result.err) == (0, "")
    assert result.out.startswith("2 reports, 3 fields; they differ in 1: ")
    assert all(out.stat().st_size > 300 for out in outs)


@pytest.mark.parametrize(
    ("text", "actual"),
    [
        ("", "is not JSON"),
        ("[]", "is not a report: give a report.json, or its folder"),
        ('{"format": 3}', "has format 3; this version reads formats 1 and 2"),
        ('{"format": 1, "fields": 7}', "is not a valid report"),
    ],
)
def test_an_invalid_report_is_one_line(tmp_path: Path, text: str, actual: str) -> None:
    (tmp_path / "x.json").write_text(text, encoding="utf-8")
    result = pack_on_disk.harness("compare", tmp_path / "x.json", f"--out={tmp_path}/x.html")
    assert (result.code, len(result.err.splitlines())) == (4, 1)
    assert actual in result.err


def test_a_missing_report_and_an_unknown_format_are_one_line(tmp_path: Path) -> None:
    gone = pack_on_disk.harness("compare", tmp_path / "gone.json")
    assert (gone.code, "No such file" in gone.err) == (4, True)
    form = pack_on_disk.harness("compare", written(tmp_path, "one", report()), "--out=x.pdf")
    assert (form.code, "the name must end in .html, .md, .csv" in form.err) == (4, True)
