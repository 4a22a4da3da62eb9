"""Two reports -> what became of each case, and of the times. May not read or write files."""

from harness.report.diff.changes import changes, regressions
from harness.report.diff.page import render as html
from harness.report.diff.text import markdown, terminal
from harness.report.diff.times import times

__all__ = ["changes", "html", "markdown", "regressions", "terminal", "times"]
