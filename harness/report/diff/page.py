"""Changes -> one self-contained HTML page. May not trust any text of a target."""

from __future__ import annotations

from typing import Any

from harness.report.diff.changes import KINDS
from harness.report.diff.text import CAUTION, because, conclusion, moved, timed
from harness.report.page import render as rendered

Data = dict[str, Any]


def render(found: Data) -> str:
    sections = [
        {
            "title": KINDS[kind][0],
            "regression": KINDS[kind][1],
            "cases": [
                {**case, "moved": moved(case), "because": [*because(case)]} for case in cases
            ],
        }
        for kind, cases in found["changes"].items()
    ]
    told = {
        "conclusion": conclusion(found),
        "sections": sections,
        "timed": [*timed(found)],
        "caution": CAUTION,
    }
    return rendered("diff.html.jinja2", {"found": found, **told})
