"""An assertion reports only its first failures, and how many more there are."""

from __future__ import annotations

from harness.judge.evaluate import MAX_FAILURES, without_excess
from harness.model import Finding


def test_further_failures_of_an_assertion_are_counted() -> None:
    failures = (Finding(f"/k{number}", "nothing", "1") for number in range(30_000))
    findings = without_excess([Finding(status="holds"), *failures])
    assert len(findings) == 1 + MAX_FAILURES + 1
    assert findings[1].at == "/k0"
    assert findings[-1].got == "29,900 more, as the ones before"
    assert findings[-1].status == "fails"


def test_as_many_failures_as_allowed_are_all_reported() -> None:
    failures = [Finding(f"/k{number}", "nothing", "1") for number in range(MAX_FAILURES)]
    assert without_excess(failures) == failures
