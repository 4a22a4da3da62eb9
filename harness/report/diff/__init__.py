"""Comparison of two runs of a target: what became of each case, and of the response times."""

from harness.report.diff.changes import Changes, find_changes
from harness.report.diff.render import html, markdown, terminal
from harness.report.diff.times import find_time_changes

__all__ = ["Changes", "find_changes", "find_time_changes", "html", "markdown", "terminal"]
