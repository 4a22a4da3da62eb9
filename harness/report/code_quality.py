"""code-quality.json: the faults of a run for GitLab's code quality widget in merge requests.

https://docs.gitlab.com/ci/testing/code_quality/: a JSON array with an element for each fault, at
the first of its cases. The descriptions are shown as plain text.
"""

from __future__ import annotations

from typing import Any, Final

from harness.report.ci_problems import ci_problems
from harness.report.data import ReportData
from harness.report.positions import positions
from harness.report.text import json_text
from harness.util.printable import printable_json

SEVERITIES: Final = {"must": "critical", "should": "minor"}


def code_quality_text(report: ReportData) -> str:
    """The text of code-quality.json, without the faults that the baseline accepts."""
    places = positions(report["cases"])
    issues: list[dict[str, Any]] = [
        {
            "description": problem.text,
            "check_name": problem.rule,
            "fingerprint": problem.fingerprint,
            "severity": SEVERITIES[problem.level],
            "location": {
                "path": places[problem.cases[0]].path,
                "lines": {"begin": places[problem.cases[0]].line},
            },
        }
        for problem in ci_problems(report)
        if not problem.known
    ]
    return printable_json(json_text(issues, indent=2)) + "\n"
