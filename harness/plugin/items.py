"""Case files and cases as pytest collects them; the session judges."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from harness.judge.repeats import format_outcomes
from harness.model import Case, Verdict
from harness.model.options import fails_run
from harness.plugin.run import RUN, Run
from harness.report.case_types import CaseData
from harness.report.findings import expected_and_got
from harness.report.headline import is_known
from harness.report.text import one_line
from harness.util.errors import HarnessError

LINE = 1000  # characters


class CaseFailed(Exception):
    """A failed case; its text is what pytest reports."""

    def __init__(self, verdict: Verdict) -> None:
        self.verdict = verdict
        super().__init__("\n".join(describe(verdict)))


def describe(verdict: Verdict, most: int = 6) -> Iterator[str]:
    """Yield a few lines: why the case matters, and the first failed findings."""
    case = verdict.case
    if case.why:
        yield one_line(case.why, LINE)
    failed = [f for f in verdict.findings if not f.holds and f.level != "may"]
    for finding in failed[:most]:
        expected, got = expected_and_got(finding.at, finding.expected, finding.got)
        what = f"{finding.level} {finding.rule}: {finding.at}: expected: {expected}; got: {got}"
        yield one_line(what, LINE)
        yield f"    {finding.place}  ({finding.shot})"
    if len(failed) > most:
        yield f"... and {len(failed) - most} more"
    if verdict.cause:
        yield one_line(f"inconclusive ({verdict.cause}): {verdict.reason}", LINE)


class CaseFile(pytest.File):
    """One file of cases below a pack.yaml."""

    def collect(self) -> Iterator[pytest.Item]:
        run = self.config.stash[RUN]
        try:
            cases = run.cases_in(self.path)
        except HarnessError as error:  # pytest_collection_modifyitems raises it, with exit 4
            run.error = run.error or error
            return
        for case in cases:
            yield CaseItem.from_parent(self, name=case.id, case=case, run=run)


class CaseItem(pytest.Item):
    """One case: the setup waits for its verdict, the call reports it."""

    def __init__(self, *, case: Case, run: Run, **keywords: Any) -> None:
        super().__init__(**keywords)
        self.case, self.run = case, run
        self.verdict: Verdict | None = None
        self.entry: CaseData | None = None
        self.add_marker(case.behaviour)
        self.add_marker(pytest.mark.llm(pack=case.pack, row=case.row, feature=case.feature))
        self.extra_keyword_matches |= {case.pack, case.row, case.behaviour, case.feature}

    def setup(self) -> None:
        result = self.run.result(self.case)
        self.verdict, self.entry = result.verdict, self.run.session.entries[self.case.name]
        properties = {"outcome": self.verdict.outcome, "evidence": str(self.verdict.evidence)}
        if self.verdict.repeats:
            properties["repeats"] = format_outcomes(self.verdict.repeats)
        self.user_properties[:] = properties.items()
        if self.verdict.outcome == "skip":
            pytest.skip(self.verdict.reason)
        if self.verdict.outcome == "inconclusive":
            text = "\n".join(describe(self.verdict))
            if not fails_run("inconclusive", self.run.options.fail_on):
                pytest.skip(text)
            pytest.fail(text, pytrace=False)

    def runtest(self) -> None:
        assert self.verdict is not None
        if self.entry and is_known(self.entry):
            pytest.xfail(f"known: {'; '.join(by['reason'] for by in self.entry['known']['by'])}")
        if fails_run(self.verdict.outcome, self.run.options.fail_on):
            raise CaseFailed(self.verdict)

    def repr_failure(self, excinfo: Any, style: Any = None) -> Any:
        if isinstance(excinfo.value, CaseFailed):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Any, int, str]:
        return self.path, self.case.place.line - 1, self.case.id

    def annotate(self, report: Any) -> None:
        """Add outcome and entry to the report of the phase that has the outcome."""
        without_outcome = report.when == "setup" and report.passed
        if self.run.is_own_command:
            report.keywords = {}  # pytest-html keeps all reports, and nothing reads these
        if report.when == "teardown":
            self.verdict = self.entry = None  # pytest keeps the item, the run its entry
        if self.verdict is None or without_outcome:
            return
        known = self.entry is not None and is_known(self.entry)
        report.llm_outcome = "known" if known else self.verdict.outcome
        report.llm_entry = self.entry
