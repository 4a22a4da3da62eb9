"""The fixture `llm_gateway`: runs cases against a gateway from a test of the user."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from harness.fire.redaction.secrets import redact_command
from harness.model.options import OPTIONS, fails_run, options_from
from harness.plugin.selection import check_names, option_reason, part_reasons
from harness.report.ci_problems import ci_problems
from harness.report.data import ReportData
from harness.report.faults import case_name
from harness.report.headline import is_known
from harness.report.text import one_line
from harness.run import LiveSession, load_session, run_cases
from harness.run.facts import RunInfo
from harness.util.errors import IncompleteReports, Unreachable, UsageError


@dataclass(frozen=True, slots=True)
class ConformanceResult:
    """The result of a run; `report` has the data of report.json."""

    report: ReportData

    @property
    def result(self) -> str:
        """`conformant`, `partial` or `non-conformant`."""
        return self.report["result"]

    @property
    def failures(self) -> list[str]:
        """A line for each reason why the run fails: none if it passes.

        What fails besides a `must` depends on `fail_on`, as on the command line.
        """
        fail_on = self.report.get("fail_on", "fail")
        levels = ("must", "should") if fails_run("warn", fail_on) else ("must",)
        faults = [p for p in ci_problems(self.report) if p.level in levels and not p.known]
        undecided = [
            f"{case_name(case)} is inconclusive: {one_line(case['reason'])}"
            for case in self.report["cases"]
            if case["outcome"] == "inconclusive" and fails_run("inconclusive", fail_on)
            if not is_known(case)
        ]
        lines = [f"{fault.text}: {', '.join(fault.cases)}" for fault in faults]
        return [*self.report["reasons"], *lines, *undecided]

    def outcome(self, case: str) -> str:
        """Return the outcome of a case, by its id or PACK/ID. Raises KeyError."""
        cases = self.report["cases"]
        by_id = {one["id"]: one["outcome"] for one in cases}
        return (by_id | {case_name(one): one["outcome"] for one in cases})[case]


@dataclass(frozen=True, slots=True)
class Conformance:
    """Runs cases against a gateway.

    Attributes:
        defaults: The values of pytest's `--llm-` options, by field.
        words: The words of pytest's command line.
    """

    defaults: Mapping[str, Any]
    words: tuple[str, ...]

    def __call__(self, target: str = "", **options: Any) -> ConformanceResult:
        """Run the cases against a target: a base URL, a target file, or a name.

        Args:
            target: Replaces `--llm-target`.
            options: Replace the other `--llm-` options, such as `model`, `packs`, `cases` or
                `api_key_env`: names as in `harness.model.options.Options`.

        Raises:
            HarnessError: The run cannot begin, or the harness itself failed.
        """
        unknown = options.keys() - {option.field for option in OPTIONS}
        if unknown:
            raise TypeError(f"llm_gateway has no option {', '.join(sorted(unknown))}")
        given = {k: [v] if is_single(k, v) else v for k, v in options.items()}
        if target:
            given["target"] = target
        try:
            session = load_session(options_from({**self.defaults, **given}), may_send=True)
        except ValueError as error:
            raise UsageError(str(error)) from error
        with closing(session):
            self.run(session)
        if session.problems:
            raise IncompleteReports(session.redact(session.problems[0]))
        if session.report_data is None:
            raise Unreachable(session.stopped or "no case is selected")
        return ConformanceResult(session.report_data)

    def run(self, session: LiveSession) -> None:
        """Select the cases of a loaded session, and run them."""
        cases = [case for pack in session.packs.values() for case in pack.cases]
        check_names(session.options.cases, cases)
        reasons = {case.name: option_reason(session, case) for case in cases}
        chosen = [case for case in cases if not reasons[case.name]]
        parts = part_reasons(session, chosen)
        options, command = session.options, redact_command(["pytest", *self.words])
        selection = {"cases": [*options.cases], "smoke": options.smoke, "shard": options.shard}
        session.info = RunInfo(
            shlex.join(command),
            {key: value for key, value in selection.items() if value},
            {name: reason for name, reason in {**reasons, **parts}.items() if reason},
        )
        session.cases = [case for case in chosen if case.name not in parts]
        for _ in run_cases(session) if session.cases else ():
            pass


def is_single(field: str, value: Any) -> bool:
    """Whether a repeatable option is given as one text."""
    repeatable = {option.field for option in OPTIONS if isinstance(option.default, tuple)}
    return field in repeatable and isinstance(value, str)
