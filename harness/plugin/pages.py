"""tests.html: pytest-html's page, with a light row for each case that links to report.html."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import pytest
from _pytest.junitxml import xml_key

from harness.plugin.run import Run
from harness.report.case_types import CaseData
from harness.report.faults import case_name
from harness.run.facts import own_version
from harness.util.printable import visible

NAME: Final = "tests.html"
ADDED: Final = ("outcome", "evidence")  # columns, which stand before that of the duration
NAMED, DURATION = 1, 2  # columns of pytest-html


def silence(config: pytest.Config) -> None:
    """Keep the tests.html and junit.xml of an earlier run: this one has no results."""
    junit = config.stash.get(xml_key, None)
    for plugin in list(config.pluginmanager.get_plugins()):
        if type(plugin).__module__.startswith("pytest_html.") or (junit and plugin is junit):
            config.pluginmanager.unregister(plugin)
    if xml_key in config.stash:
        del config.stash[xml_key]


class TestsPage:
    """pytest-html's hooks; registered only if it writes a page."""

    __test__ = False  # it is no test class, whatever its name begins with

    def __init__(self, config: pytest.Config, run: Run) -> None:
        self.page = os.path.abspath(os.path.expanduser(config.getoption("htmlpath")))
        self.out, self.plugins = run.options.out, config.pluginmanager
        if self.out and self.page == os.path.join(os.path.abspath(self.out), "report.html"):
            raise pytest.UsageError(f"--html {self.page}: the report is written there; use {NAME}")
        if run.is_own_command:
            set_environment(config)

    def pytest_html_report_title(self, report: Any) -> None:
        report.title = "LLM gateway conformance: tests"

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: Any) -> None:
        from pytest_html import extras

        entry = getattr(report, "llm_entry", None)
        if entry and self.out:
            report.extras = [extras.url(self.link(entry), name="case")]

    def pytest_runtest_logfinish(self, nodeid: str) -> None:
        """Free the reports of a case, which pytest-html keeps and does not read again."""
        for plugin in self.plugins.get_plugins():
            if type(plugin).__module__.startswith("pytest_html."):
                getattr(plugin, "_reports", {}).pop(nodeid, None)

    def link(self, case: CaseData) -> str:
        """Return the address of a case in report.html, as seen from this page."""
        report = os.path.join(os.path.abspath(self.out), "report.html")
        try:
            address = quote(os.path.relpath(report, os.path.dirname(self.page)).replace("\\", "/"))
        except ValueError:  # another drive
            address = Path(report).as_uri()
        return f"{address}#case={quote(case_name(case))}"

    def pytest_html_results_table_header(self, cells: list[str]) -> None:
        head = '<th class="sortable" data-column-type="{}">{}</th>'
        cells[DURATION:DURATION] = [head.format(name, name.title()) for name in ADDED]

    def pytest_html_results_table_row(self, report: Any, cells: list[str]) -> None:
        entry = getattr(report, "llm_entry", None)
        if entry:  # the time of its requests, which are sent before pytest comes to the case
            cells[NAMED] = f'<td class="col-testId">{escape(report.nodeid)}</td>'
            milliseconds = round(entry["seconds"] * 1000)
            cells[DURATION] = f'<td class="col-duration">{milliseconds} ms</td>'
        values = {name: entry[name] if entry else "" for name in ADDED}
        added = [f'<td class="col-{name}">{value}</td>' for name, value in values.items()]
        cells[DURATION:DURATION] = added

    def pytest_html_results_table_html(self, report: Any, data: list[str]) -> None:
        entry = getattr(report, "llm_entry", None)
        if entry:  # pytest's text has paths of this machine
            data[:] = [escape(visible(line)) for line in first_failure(entry)]


def first_failure(case: CaseData) -> Iterator[str]:
    """Yield why a case that does not pass matters, and what failed first.

    report.html has the rest.
    """
    if case["outcome"] == "pass":
        return
    if case["why"]:
        yield case["why"]
    if case["reason"]:
        yield f"{case['outcome']}: {case['reason']}"
    for finding in case["findings"]:
        if not finding["holds"] and finding["level"] != "may":
            yield f"{finding['at']}: expected: {finding['expected']}; got: {finding['got']}"
            return


def set_environment(config: pytest.Config) -> None:
    """Replace the facts about the machine, which in CI can contain addresses with keys."""
    from pytest_metadata.plugin import metadata_key

    facts = {"Harness": own_version(), "Python": platform.python_version()}
    config.stash[metadata_key] = {**facts, "Platform": platform.platform()}
