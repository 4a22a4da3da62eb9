"""Our page handed to pytest-html's hooks. May not render anything itself."""

from __future__ import annotations

from typing import Any

import pytest
from _pytest.junitxml import xml_key

from harness.plugin.run import RUN
from harness.report import page


def silence(config: pytest.Config) -> None:
    """Nothing was learnt: an earlier run's report.html and junit.xml are left as they are."""
    for plugin in list(config.pluginmanager.get_plugins()):
        if type(plugin).__module__.startswith("pytest_html.") or plugin is config.stash.get(xml_key, None):
            config.pluginmanager.unregister(plugin)
    if xml_key in config.stash:
        del config.stash[xml_key]


class HtmlPages:
    """Registered only where pytest-html is active."""

    def __init__(self, config: pytest.Config) -> None:
        self.config = config

    def pytest_html_results_summary(self, prefix: list[str], summary: Any, postfix: Any) -> None:
        report = self.config.stash[RUN].report
        if report is not None:
            prefix.append(page.summary_html(report))
