"""Case files and cases as pytest collects them. May not judge: the session does."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from harness.judge.repeats import format_outcomes
from harness.model import Case, Verdict
from harness.plugin.run import RUN, Run
from harness.report.data import CaseData
from harness.report.findings import expected_and_got
from harness.report.headline import is_known
from harness.report.text import one_line
from harness.util.errors import HarnessError

LINE = 1000


class CaseFailed(Exception):
    """Carries a verdict to pytest's report; its text is what a person needs first."""

    def __init__(self, verdict: Verdict) -> None:
        self.verdict = verdict
        super().__init__("\n".join(told(verdict)))


def told(verdict: Verdict, most: int = 6) -> Iterator[str]:
    """A few lines: why it matters, and what was found where. What the target said is tamed."""
    case = verdict.case
    if case.why:
        yield one_line(case.why, LINE)
    broken = [f for f in verdict.findings if not f.holds and f.level != "may"]
    for finding in broken[:most]:
        expected, got = expected_and_got(finding.at, finding.expected, finding.got)
        what = f"{finding.level} {finding.rule}: {finding.at}: expected: {expected}; got: {got}"
        yield one_line(what, LINE)
        yield f"    {finding.place}  ({finding.shot})"
    if len(broken) > most:
        yield f"... and {len(broken) - most} more"
    if verdict.cause:
        yield one_line(f"inconclusive ({verdict.cause}): {verdict.reason}", LINE)


class CaseFile(pytest.File):
    """One file of cases below a pack.yaml."""

    def collect(self) -> Iterator[pytest.Item]:
        run = self.config.stash[RUN]
        try:
            cases = run.cases_in(self.path)
        except HarnessError as error:  # told by pytest_collection_modifyitems, with exit 4
            run.trouble = run.trouble or error
            return
        for case in cases:
            yield CaseItem.from_parent(self, name=case.id, case=case, run=run)


class CaseItem(pytest.Item):
    """One case: setup waits and judges, the call says what was found."""

    def __init__(self, *, case: Case, run: Run, **keywords: Any) -> None:
        super().__init__(**keywords)
        self.case, self.run = case, run
        self.verdict: Verdict | None = None
        self.entry: CaseData | None = None
        self.html = ""
        self.add_marker(case.behaviour)
        self.add_marker(pytest.mark.llm(pack=case.pack, row=case.row, feature=case.feature))
        self.extra_keyword_matches |= {case.pack, case.row, case.behaviour, case.feature}

    def setup(self) -> None:
        self.verdict, exchanges = self.run.session.verdict(self.case)
        self.entry, self.html = self.run.told(self.verdict, exchanges)
        told_to_junit: dict[str, str] = {
            "outcome": self.verdict.outcome,
            "evidence": self.verdict.evidence,
        }
        if self.verdict.repeats:
            told_to_junit["repeats"] = format_outcomes(self.verdict.repeats)
        self.user_properties[:] = told_to_junit.items()
        if self.verdict.outcome == "skip":
            pytest.skip(self.verdict.reason)
        if self.verdict.outcome == "inconclusive":
            pytest.fail("\n".join(told(self.verdict)), pytrace=False)

    def runtest(self) -> None:
        assert self.verdict is not None
        if self.entry and is_known(self.entry):
            pytest.xfail(f"known: {'; '.join(by['reason'] for by in self.entry['known']['by'])}")
        if self.verdict.outcome == "fail" or self.verdict.outcome == self.run.fail_on:
            raise CaseFailed(self.verdict)

    def repr_failure(self, excinfo: Any, style: Any = None) -> Any:
        if isinstance(excinfo.value, CaseFailed):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Any, int, str]:
        return self.path, self.case.place.line - 1, self.case.id

    def tell(self, report: Any) -> None:
        """Hands the entry to the report that carries the outcome; it travels from xdist workers."""
        if self.verdict is None or report.when == "teardown":
            return
        if report.when == "setup" and report.passed:
            return
        known = self.entry is not None and is_known(self.entry)
        report.llm_outcome = "known" if known else self.verdict.outcome
        report.llm_html = self.html
        report.llm_case = self.case.name
        report.llm_entry = self.entry
