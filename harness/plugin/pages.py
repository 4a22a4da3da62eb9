"""report.html, written through pytest-html's hooks."""

from __future__ import annotations

import platform
from collections.abc import Sequence
from typing import Any

import pytest
from _pytest.junitxml import xml_key

from harness.plugin.run import RUN
from harness.report import page, table
from harness.run.facts import own_version


def silence(config: pytest.Config) -> None:
    """Keep the report.html and junit.xml of an earlier run: this one has no results."""
    junit = config.stash.get(xml_key, None)
    for plugin in list(config.pluginmanager.get_plugins()):
        if type(plugin).__module__.startswith("pytest_html.") or (junit and plugin is junit):
            config.pluginmanager.unregister(plugin)
    if xml_key in config.stash:
        del config.stash[xml_key]


class HtmlPages:
    """Registered only if pytest-html writes a page."""

    def __init__(self, config: pytest.Config) -> None:
        self.config = config
        self.html: Any = None

    def pytest_html_report_title(self, report: Any) -> None:
        """Called at the start of the session; pytest-html reads the title after the summary."""
        self.html = report
        report.title = "LLM gateway conformance"
        report.set_data("initialSort", "outcome")
        report.set_data("renderCollapsed", ["all"])
        facts = {
            "Harness": own_version(),
            "Python": platform.python_version(),
            "Platform": platform.platform(),
        }
        report.set_data("environment", table.environment_cells(facts))

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: Any) -> None:
        if html := getattr(report, "llm_html", ""):
            extra = {"name": "case", "format_type": "html", "content": html}
            report.extras = [{**extra, "mime_type": "text/html", "extension": "html"}]

    def pytest_html_results_table_header(self, cells: list[str]) -> None:
        cells[:] = table.header_cells()

    def pytest_html_results_table_row(self, report: Any, cells: list[str]) -> None:
        cells[:] = table.row_cells(getattr(report, "llm_entry", None), cells)

    def pytest_html_results_table_html(self, report: Any, data: list[str]) -> None:
        if getattr(report, "llm_entry", None) and not report.sections:
            data.clear()  # the entry of the case replaces the log

    def pytest_html_results_summary(
        self, prefix: Sequence[str], summary: list[str], postfix: Sequence[str]
    ) -> None:
        session = self.config.stash[RUN].loaded
        report = session.report_data if session else None
        if report is not None:
            self.html.title = page.title(report)
            summary.append(page.summary_html(report))
