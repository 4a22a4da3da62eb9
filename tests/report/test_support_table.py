"""The field-support table: credit only for what was observed, in every format."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path
from typing import Any

import pytest

from harness.report.labels import WORDING
from harness.report.support_table import support_status, table_csv, table_html, table_json
from harness.report.support_table import table_markdown as markdown
from tests.support import pack_on_disk
from tests.support.clean_outputs import of_page
from tests.support.report_data import case, entry, finding, report, row

HOSTILE = "</td><img src=x onerror=alert(1)> | `code` @all [a](http://x) \x1b[31m\nline"


def field(outcome: str, **more: Any) -> Any:
    base = {"declared": "ignored", "observed": "refused with 400", "evidence": "effect"}
    return {**base, "outcome": outcome, "status": "Ignored", **more}


@pytest.mark.parametrize(
    ("row", "status"),
    [
        (field("pass"), "Ignored"),
        (field("pass", declared="clamped"), "Capped"),
        (field("pass", evidence="accepted"), "Accepted; not shown to be ignored"),
        (field("pass", evidence="accepted", declared="rejected"), "Rejected"),
        (field("pass", declared="supported", refused=True), "Refused by name"),
        (field("pass", declared="unspecified"), "Not specified; accepted"),
        (field("fail", declared="unspecified"), "Not specified; refused with 400"),
        (field("pass", declared="my_own_behaviour"), "My own behaviour"),
        (field("warn"), "Ignored; differs: refused with 400"),
        (field("warn", evidence="accepted"), "Differs: refused with 400; not shown to be ignored"),
        (field("fail"), "Not ignored: refused with 400"),
        (field("fail", known=True), "Not ignored: refused with 400 (accepted by the baseline)"),
        (field("inconclusive", observed="timeout: no end"), "Undecided: timeout: no end"),
        (field("skip", observed="no vision"), "Not supported, as the target declares: no vision"),
        (field("not-selected", observed="opt-in"), "Not tested: opt-in"),
        (field("not-testable", observed="A date."), "Not tested: A date."),
    ],
)
def test_status_is_what_was_observed(row: Any, status: str) -> None:
    assert support_status(row) == status


def test_every_declared_behaviour_of_the_shipped_packs_has_a_word() -> None:
    rows = "".join(path.read_text("utf-8") for path in pack_on_disk.ROOT.glob("cases/*/rows.yaml"))
    declared = {*re.findall(r"\bbehaviour: ([a-z_]+)", rows)}
    assert len(declared) > 10
    assert declared - {*WORDING["support"]} == {"unspecified"}


def full(got: str = '"fp_1"') -> Any:
    cases = [entry(case("a"), "fail", finding("ignored.refused", "/x", got)), entry(case("b"))]
    return report(cases, *(row(name) for name in "ab"), row("date", why_not="A date."))


def test_each_format_has_every_row_with_status_and_evidence() -> None:
    data = json.loads(table_json(full()))
    assert [each["field"] for each in data["rows"]] == ["a", "b", "date"]
    assert data["rows"][1] == {
        "pack": "compat", "location": "request", "field": "b", "row": "b",
        "status": "Ignored", "documented": "Ignored", "outcome": "pass",
        "evidence": "effect", "cases": ["compat/b"],
    }  # fmt: skip
    assert data["rows"][2]["evidence"] == ""
    lines = list(csv.DictReader(io.StringIO(table_csv(full()))))
    assert [line["status"] for line in lines] == [each["status"] for each in data["rows"]]
    assert "| `b` | Ignored | Ignored | effect (`compat/b`) |" in markdown(full())
    assert "<td>Ignored</td><td>Ignored</td>" in table_html(full())


def test_rows_of_one_field_have_their_ids_as_well() -> None:
    data = full()
    data["fields"][1]["path"] = "a"
    assert re.findall(r"^\| `(\w+)` (\(.*?\) )?\|", markdown(data), re.MULTILINE) == [
        ("a", "(a) "), ("a", "(b) "), ("date", ""),
    ]  # fmt: skip
    assert "<code>a</code><br><small>b</small>" in table_html(data)


def test_no_text_of_the_target_is_markup() -> None:
    page = table_html(full(HOSTILE))
    assert of_page(page) == []
    assert "<img" not in page
    text = markdown(full(HOSTILE))
    line = next(line for line in text.splitlines() if line.startswith("| `a` |"))
    assert len(re.findall(r"(?<!\\)\|", line)) == 5
    assert not re.search(r"(?<!\\)<img|(?<!\\)@all|(?<!\\)\[a\]|\x1b", text)


def test_a_formula_in_an_answer_is_text_in_csv() -> None:
    data = full()
    data["fields"][0]["status"] = "=HYPERLINK(1)"
    assert "'=HYPERLINK(1)" in table_csv(data)


def test_command_writes_the_format_of_the_file_name_or_the_option(
    tiny_pack: Path,
) -> None:
    assert pack_on_disk.run(tiny_pack).code == 0
    out = tiny_pack.parent / "out"
    printed = pack_on_disk.harness("table", out)
    assert (printed.code, printed.out) == (0, (out / "table.md").read_text("utf-8"))
    page = tiny_pack.parent / "t.html"
    assert pack_on_disk.harness("table", out, "--out", page).code == 0
    assert page.read_text("utf-8").startswith("<!doctype html>")
    assert pack_on_disk.harness("table", out / "report.json", "--format", "json").out[0] == "{"
    wrong = pack_on_disk.harness("table", out, "--out", "t.pdf")
    assert (wrong.code, wrong.lines) == (
        4,
        ["ERROR: --out t.pdf: the name must end in .md, .html, .csv, .json"],
    )
