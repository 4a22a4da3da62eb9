"""Writes the faults and the result of a run that has ended, or why it has none."""

from __future__ import annotations

import pytest

from harness.model.options import fails_run
from harness.plugin import reports
from harness.plugin.run import Run
from harness.report.headline import inconclusive_lines
from harness.run import LiveSession
from harness.util.errors import noted
from harness.util.printable import printable


def write_result(run: Run, terminal: reports.Terminal, exitstatus: int) -> None:
    """Write faults, messages and result, and then the errors of the harness itself."""
    session = run.loaded
    if session is None:
        return
    if run.report is not None:
        with noted(session.problems, "the summary"):
            lines = messages(run, session)
            reports.write_summary(run.report, terminal, lines, verbosity(run))
    else:
        if exitstatus == pytest.ExitCode.NO_TESTS_COLLECTED:
            run.messages.append("nothing is selected; `harness list` shows the cases")
        for line in messages(run, session):
            terminal.write_line(line)
    for line in reports.error_lines(session) if not run.halted else ():
        terminal.write_line(printable(session.hide(line)))


def verbosity(run: Run) -> int:
    """Return how much is shown: above 0 all rows and faults, below 0 only faults and result."""
    if run.is_own_command:
        return run.options.verbose - run.options.quiet
    return int(run.config.getoption("verbose"))


def messages(run: Run, session: LiveSession) -> list[str]:
    """Return the messages about the run, safe to print."""
    lines = [*session.messages, *run.messages]
    if run.report is not None:
        if not fails_run("inconclusive", run.options.fail_on):
            lines += inconclusive_lines(run.report)
        if session.out:
            lines.append(f"Report: {session.out / 'report.html'}")
    lines += reports.baseline_lines(run.report)
    return [printable(session.hide(line)) for line in dict.fromkeys(lines)]
