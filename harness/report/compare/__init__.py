"""Comparison of reports: fields down, targets or releases across."""

from harness.report.compare.grid import make_grid
from harness.report.compare.render import csv_text, html, markdown

__all__ = ["csv_text", "html", "make_grid", "markdown"]
