"""Reports -> one view of all of them: fields down, targets across. May not read or write files."""

from harness.report.compare.grid import grid
from harness.report.compare.page import render as html
from harness.report.compare.text import csv_text, markdown

__all__ = ["csv_text", "grid", "html", "markdown"]
