"""The data of report.json -> junit.xml, as a run of pytest would have written it. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from harness.report.faults import broken
from harness.report.flaky import shares
from harness.report.observed import told
from harness.report.text import one_line, visible

MOST: Final = 6  # findings told of a case
NONE: Final = {0xFFFE: "\ufffd", 0xFFFF: "\ufffd"}  # no characters, to XML
Data = dict[str, Any]


def render(report: Data) -> str:
    cases = [(case, state(case)) for case in report["cases"]]
    counts = {kind: sum(s == kind for _, s in cases) for kind in ("failure", "error", "skipped")}
    root = Element("testsuites", name="harness merge")
    suite = SubElement(
        root,
        "testsuite",
        name="conformance",
        tests=str(len(cases)),
        failures=str(counts["failure"]),
        errors=str(counts["error"]),
        skipped=str(counts["skipped"]),
        time=f"{sum(case['seconds'] for case, _ in cases):.3f}",
        timestamp=report["started"],
    )
    for case, kind in cases:
        enter(suite, case, kind)
    text: str = ElementTree.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="utf-8"?>\n{text}\n'


def state(case: Data) -> str:
    """What JUnit calls it: what could not be learnt is an error, what is known is skipped."""
    if case.get("known", {}).get("whole") or case["outcome"] == "skip":
        return "skipped"
    return {"fail": "failure", "inconclusive": "error"}.get(case["outcome"], "")


def enter(suite: Element, case: Data, kind: str) -> None:
    made = SubElement(
        suite, "testcase", classname=file(case), name=case["id"], time=f"{case['seconds']:.3f}"
    )
    about = {"outcome": case["outcome"], "evidence": case["evidence"]}
    if "repeats" in case:
        about["repeats"] = ", ".join(shares(case["repeats"]))
    properties = SubElement(made, "properties")
    for name, value in about.items():
        SubElement(properties, "property", name=name, value=value)
    if kind:
        lines = [*said(case)]
        text = "\n".join(lines).translate(NONE)
        SubElement(made, kind, message=text.partition("\n")[0] or case["outcome"]).text = text


def file(case: Data) -> str:
    """As pytest tells it; of a pack that lies elsewhere its folder and the file."""
    path = case["place"].rsplit(":", 2)[0]
    parts = path.split("/")[-2:] if path.startswith("/") else path.split("/")
    return ".".join(parts)


def said(case: Data) -> Iterator[str]:
    """Why it matters and what was found; nothing in it that XML could not hold."""
    if case.get("known", {}).get("whole"):
        yield visible("known: " + "; ".join(by["reason"] for by in case["known"]["by"]))
    if case["why"]:
        yield visible(case["why"])
    for finding in broken(case)[:MOST]:
        expected, got = told(finding)
        where = f"{finding['level']} {finding['rule']}: {finding['at']}"
        yield one_line(f"{where}: expected: {expected}; got: {got}", 1000)
        yield one_line(f"    {finding['demanded']}  ({finding['shot']})", 1000)
    if case["reason"]:
        yield one_line(f"{case.get('cause', case['outcome'])}: {case['reason']}", 1000)
