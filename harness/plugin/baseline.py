"""--llm-baseline -> what is accepted, and what is to be said of it. May not decide anything."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import pytest

from harness.load import load_baseline
from harness.report.baseline import Baseline
from harness.report.data import ReportData
from harness.run import Session

LINES: Final = 20


def baseline_of(config: pytest.Config, session: Session) -> Baseline | None:
    """Raises FileProblems."""
    name = config.getoption("--llm-baseline")
    if not name:
        return None
    return Baseline(load_baseline(name), session.started[:10], config.getoption("--llm-fail-on"))


def fails(report: ReportData | None) -> bool:
    """Whether the baseline is not as the run found it."""
    told = report.get("baseline", {}).get("told", ()) if report else ()
    return any(one["fails"] for one in told)


def lines(report: ReportData | None) -> Iterator[str]:
    """One for each thing that is to be done."""
    told = report.get("baseline", {}).get("told", ()) if report else ()
    for one in told[:LINES]:
        yield f"baseline: {one['says']}"
    if len(told) > LINES:
        yield f"baseline: and {len(told) - LINES} more, in report.json"
