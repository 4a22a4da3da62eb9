"""junit.xml of a report that no pytest run wrote: the merged shards of a run."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from junitparser import Error, Failure, JUnitXml, Properties, Property, Skipped, TestCase, TestSuite

from harness.model.options import fails_run
from harness.report.case_types import CaseData
from harness.report.data import ReportData
from harness.report.faults import failed_findings
from harness.report.findings import finding_line
from harness.report.headline import count_repeats, is_known
from harness.report.text import one_line
from harness.util.printable import visible

MAX_FINDINGS: Final = 6
NOT_XML: Final = {0xFFFE: "\ufffd", 0xFFFF: "\ufffd"}  # XML has no such characters
RESULTS: Final = {"fail": Failure, "inconclusive": Skipped, "skip": Skipped}
FAILED: Final = {"fail": Failure, "inconclusive": Error, "warn": Failure}


def junit_xml(report: ReportData, fail_on: str = "fail") -> str:
    """The text of junit.xml, with the results that a run with `--fail-on` gives the same cases."""
    suite = TestSuite("conformance")
    suite.timestamp = report["started"]
    suite.add_testcases([testcase(case, fail_on) for case in report["cases"]])
    document = JUnitXml("harness merge")
    document.add_testsuite(suite)
    document.update_statistics()
    return str(document.tostring(), "utf-8")


def testcase(case: CaseData, fail_on: str) -> TestCase:
    """One `testcase`: one without a verdict, and a known failure, are skipped."""
    element = TestCase(case["id"], class_name(case), round(case["seconds"], 3))
    facts: dict[str, str] = {"outcome": case["outcome"], "evidence": case["evidence"]}
    if "repeats" in case:
        facts["repeats"] = count_repeats(case["repeats"])
    properties = Properties()
    for name, value in facts.items():
        properties.append(Property(name, value))
    element.append(properties)
    results = FAILED if fails_run(case["outcome"], fail_on) else RESULTS
    kind = Skipped if is_known(case) else results.get(case["outcome"])
    if kind:
        text = "\n".join(message_lines(case)).translate(NOT_XML)
        result = kind(text.partition("\n")[0] or case["outcome"])
        result.text = text
        element.append(result)
    return element


def class_name(case: CaseData) -> str:
    """The case's file as pytest names it; outside the working directory, its folder and name."""
    path = case["place"].rsplit(":", 2)[0]
    parts = path.split("/")[-2:] if path.startswith("/") else path.split("/")
    return ".".join(parts)


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
