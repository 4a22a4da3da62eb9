"""report.sarif: the faults of a run as SARIF 2.1.0, which code scanning services read.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html. A fault is one result, at the
first of its cases; the other cases are related locations. Messages of SARIF can have links, so the
brackets of the target's texts are escaped.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final
from urllib.parse import quote

from harness.report.causes.rule_list import HOME, rule_url
from harness.report.ci_problems import Problem, ci_problems, run_notes
from harness.report.data import ReportData
from harness.report.positions import Position, positions
from harness.report.text import json_text
from harness.util.printable import printable_json

VERSION: Final = "2.1.0"
SCHEMA: Final = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
LEVELS: Final = {"must": "error", "should": "warning"}
ROOT: Final = "SRCROOT"  # the usual name for the root of a checkout
MAX_RELATED: Final = 100
# What is markup in a message: a link in brackets, a placeholder in braces.
MARKUP: Final = re.compile(r"([\[\]\\])")
SarifObject = dict[str, Any]


def sarif_text(report: ReportData) -> str:
    """The text of report.sarif."""
    log = {"$schema": SCHEMA, "version": VERSION, "runs": [sarif_run(report)]}
    return printable_json(json_text(log, indent=2)) + "\n"


def sarif_run(report: ReportData) -> SarifObject:
    problems, places = ci_problems(report), positions(report["cases"])
    rules = {problem.rule: rule(problem) for problem in problems}
    indices = {name: index for index, name in enumerate(rules)}
    driver = {
        "name": "llm-gateway-conformance",
        "informationUri": HOME,
        "semanticVersion": report["harness"],
        "rules": list(rules.values()),
    }
    if not report["harness"]:
        del driver["semanticVersion"]
    return {
        "tool": {"driver": driver},
        "automationDetails": {"id": f"llm-gateway-conformance/{report['target']['name']}/"},
        "originalUriBaseIds": {ROOT: {"description": message("The root of the checkout.")}},
        "invocations": [invocation(report)],
        "columnKind": "unicodeCodePoints",
        "results": [result(problem, indices, places) for problem in problems],
    }


def rule(problem: Problem) -> SarifObject:
    return {
        "id": problem.rule,
        "shortDescription": {"text": problem.sentence},
        "helpUri": rule_url(problem.rule),
        "defaultConfiguration": {"level": LEVELS[problem.level]},
    }


def result(
    problem: Problem, indices: Mapping[str, int], places: Mapping[str, Position]
) -> SarifObject:
    first, *others = (places[name] for name in problem.cases)
    data: SarifObject = {
        "ruleId": problem.rule,
        "ruleIndex": indices[problem.rule],
        "kind": "fail",
        "level": LEVELS[problem.level],
        "message": message(problem.text),
        "locations": [location(first)],
        "partialFingerprints": {"faultHash/v1": problem.fingerprint},
        "properties": {"cases": [*problem.cases]},
    }
    if others:
        data["relatedLocations"] = [location(each) for each in others[:MAX_RELATED]]
    if problem.known:
        accepted = [{"kind": "external", "justification": reason} for reason in problem.known]
        data["suppressions"] = accepted
    return data


def location(position: Position) -> SarifObject:
    region = {"startLine": position.line, "startColumn": position.column}
    artifact = {"uri": quote(position.path), "uriBaseId": ROOT}
    return {"physicalLocation": {"artifactLocation": artifact, "region": region}}


def invocation(report: ReportData) -> SarifObject:
    """The run: whether it came to its end, and what limits it."""
    data: SarifObject = {"executionSuccessful": not report["reasons"]}
    for key, time in (("startTimeUtc", report["started"]), ("endTimeUtc", report["finished"])):
        if time.endswith("Z"):
            data[key] = time
    notes = [*notifications(run_notes(report))]
    return data | ({"toolExecutionNotifications": notes} if notes else {})


def notifications(notes: Iterable[str]) -> list[SarifObject]:
    return [{"level": "note", "message": message(note)} for note in notes]


def message(text: str) -> SarifObject:
    return {"text": MARKUP.sub(r"\\\1", text)}
