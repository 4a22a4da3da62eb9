"""Our page handed to pytest-html's hooks. May not render anything itself."""

from __future__ import annotations

from typing import Any

import pytest

from harness.plugin.run import RUN
from harness.report import page


class HtmlPages:
    """Registered only where pytest-html is active."""

    def __init__(self, config: pytest.Config) -> None:
        self.config = config

    def pytest_html_results_summary(self, prefix: list[str], summary: Any, postfix: Any) -> None:
        report = self.config.stash[RUN].report
        if report is not None:
            prefix.append(page.summary_html(report))
