"""junit.xml: each case as a test, with its file and line."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from junitparser import (
    Attr,
    Error,
    Failure,
    JUnitXml,
    Properties,
    Property,
    Skipped,
    TestCase,
    TestSuite,
)

from harness.model.options import FAILING, fails_run
from harness.report.case_types import CaseData
from harness.report.data import ReportData
from harness.report.faults import failed_findings
from harness.report.findings import finding_line
from harness.report.headline import count_repeats, is_known
from harness.report.positions import case_position
from harness.report.text import one_line
from harness.util.printable import visible

MAX_FINDINGS: Final = 6
NOT_XML: Final = {0xFFFE: "\ufffd", 0xFFFF: "\ufffd"}  # XML has no such characters
RESULTS: Final = {"fail": Failure, "inconclusive": Skipped, "skip": Skipped}
FAILED: Final = {"fail": Failure, "inconclusive": Error, "warn": Failure}


def junit_xml(report: ReportData) -> str:
    """The text of junit.xml. What does not fail the run, such as an undecided case, is skipped."""
    fail_on = report.get("fail_on", FAILING[0])
    suite = TestSuite("conformance")
    suite.timestamp = report["started"]
    suite.add_testcases([testcase(case, fail_on) for case in report["cases"]])
    document = JUnitXml("harness")
    document.add_testsuite(suite)
    document.update_statistics()
    return str(document.tostring(), "utf-8")


class PlacedTestCase(TestCase):
    """A `testcase` with its file and line, which most CI systems show."""

    file, line = Attr(), Attr()


def testcase(case: CaseData, fail_on: str) -> PlacedTestCase:
    """One `testcase`: one without a verdict, and a known failure, are skipped."""
    position = case_position(case)
    element = PlacedTestCase(case["id"], position.path.replace("/", "."), round(case["seconds"], 3))
    element.file, element.line = position.path, str(position.line)
    facts: dict[str, str] = {"outcome": case["outcome"], "evidence": case["evidence"]}
    if "repeats" in case:
        facts["repeats"] = count_repeats(case["repeats"])
    properties = Properties()
    for name, value in facts.items():
        properties.append(Property(name, value))
    TestCase.append(element, properties)
    results = FAILED if fails_run(case["outcome"], fail_on) else RESULTS
    kind = Skipped if is_known(case) else results.get(case["outcome"])
    if kind:
        text = "\n".join(message_lines(case)).translate(NOT_XML)
        summary = text.partition("\n")[0] or case["outcome"]
        result = kind(summary, "known" if is_known(case) else case["outcome"])
        result.text = text
        TestCase.append(element, result)
    return element


def message_lines(case: CaseData) -> Iterator[str]:
    """Why the case matters, and its failed findings."""
    if is_known(case):
        yield visible("known: " + "; ".join(entry["reason"] for entry in case["known"]["by"]))
    if case["why"]:
        yield visible(case["why"])
    for finding in failed_findings(case)[:MAX_FINDINGS]:
        yield one_line(finding_line(finding), 1000)
        yield one_line(f"    {finding['demanded']}  ({finding['shot']})", 1000)
    if case["reason"]:
        yield one_line(f"{case.get('cause', case['outcome'])}: {case['reason']}", 1000)
