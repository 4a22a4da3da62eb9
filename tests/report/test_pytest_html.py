"""The page inside pytest-html's report: its script reads the cells that are handed to it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from harness.report import table
from tests.support.report_data import case, entry

ROOT = Path(__file__).parents[2]
OWN = [
    '<td class="col-result">Failed</td>',
    '<td class="col-testId">cases/x.yaml::<seed></td>',
    '<td class="col-duration">12 ms</td>',
    '<td class="col-links"></td>',
]
# Hands the page to the real pytest-html, as the plugin of the harness does.
PLUGIN = """
import pytest
from harness.report import page, table
from tests.support.report_page import HOSTILE, full, hostile_case

ENTRY, EVIDENCE = hostile_case()

class Pages:
    def pytest_html_report_title(self, report):
        self.page = report
        report.set_data("initialSort", "outcome")
        report.set_data("renderCollapsed", ["all"])
        report.set_data("environment", table.environment_cells({"Python": HOSTILE}))

    def pytest_html_results_table_header(self, cells):
        cells[:] = table.header_cells()

    def pytest_html_results_table_row(self, report, cells):
        cells[:] = table.row_cells(getattr(report, "entry", None), cells)

    def pytest_html_results_table_html(self, report, data):
        data.clear()

    def pytest_html_results_summary(self, prefix, summary, postfix, session):
        self.page.title = page.title(full())
        summary.append(page.summary_html(full()))

def pytest_configure(config):
    config.pluginmanager.register(Pages())

@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    if report.when == "call" and item.name == "test_case":
        report.entry = ENTRY
        html = page.case_html(ENTRY, EVIDENCE)
        extra = {"name": "case", "format_type": "html", "content": html}
        report.extras = [{**extra, "mime_type": "text/html", "extension": "html"}]
    return report

def test_case():
    raise AssertionError(HOSTILE)

def test_other():
    pass
"""


def test_cells_keep_what_pytest_counted() -> None:
    cells = table.row_cells(entry(case("seed"), "warn"), OWN)
    assert len(cells) == len(table.header_cells()) == 7
    assert cells[-2:] == [
        '<td class="col-result" hidden>Failed</td>',
        '<td class="col-testId" hidden>case-compat/seed</td>',
    ]
    assert "Warn" in cells[0]
    assert not any("\n" in cell for cell in cells)


def test_outcomes_sort_by_weight() -> None:
    outcomes: list[Any] = ["pass", "skip", "warn", "fail", "inconclusive"]
    cells = {
        outcome: table.row_cells(entry(case("x"), outcome), OWN)[0].partition(">")[2]
        for outcome in outcomes
    }
    assert sorted(cells, key=cells.__getitem__) == ["fail", "inconclusive", "warn", "pass", "skip"]


def test_a_result_that_is_not_a_case_keeps_its_row() -> None:
    cells = table.row_cells(None, OWN)
    assert len(cells) == 7
    assert "&lt;seed&gt;" in cells[1]
    assert cells[-1] == '<td class="col-testId" hidden>cases/x.yaml::&lt;seed&gt;</td>'
    assert table.content("") == ""


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("page")
    (folder / "test_made.py").write_text(PLUGIN, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "test_made", "-c", os.devnull]
    command += ["-p", "pytest_html.plugin", "-p", "pytest_metadata.plugin"]
    command += ["--rootdir", str(folder), "--html=report.html", "--self-contained-html", "."]
    paths = os.pathsep.join([str(ROOT), str(folder)])
    bare = {"PYTHONPATH": paths, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    done = subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, **bare},
        capture_output=True,
        check=False,
    )
    assert done.returncode == 1, done.stdout.decode()
    return (folder / "report.html").read_text(encoding="utf-8")


def blob(html: str) -> Any:
    match = re.search(r'data-jsonblob="([^"]*)"', html)
    assert match
    return json.loads(unescape(match[1]))


def test_pytest_html_inserts_no_text_as_markup(written: str) -> None:
    from tests.support.report_page import harmless

    data = blob(written)
    for tests in data["tests"].values():
        for test in tests:
            assert test["log"] == ""
            harmless("".join(extra["content"] for extra in test["extras"]))
            harmless(f"<table><tr>{''.join(test['resultsTableRow'])}</tr></table>")
    harmless("".join(f"<div>{value}</div>" for value in data["environment"].values()))


def test_the_script_of_pytest_html_finds_its_cells(written: str) -> None:
    data = blob(written)
    rows = {test["testId"]: test for tests in data["tests"].values() for test in tests}
    assert data["initialSort"] == "outcome"
    assert rows["case-compat/seed"]["result"] == "Failed"
    assert rows["case-compat/seed"]["outcome"].startswith("<!--0-->")
    assert rows["test_made.py::test_other"]["result"] == "Passed"


def test_the_page_is_complete_and_fetches_nothing(written: str) -> None:
    assert '<title id="head-title">acme is non-conformant to compat 1.0.0</title>' in written
    assert written.count("<script") == 2
    assert not re.search(r"<(link|iframe|object|embed)\b", written)
    assert not re.search(r"<(img|script|source)[^>]+src=\"[^\"]", written)
