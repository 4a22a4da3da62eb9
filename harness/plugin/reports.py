"""The report's facts about the pytest command, and the summary in the terminal."""

from __future__ import annotations

import os
import secrets
import shlex
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final

import pytest

from harness.fire.redaction.secrets import redact_command
from harness.plugin.selection import describe_smoke, option_reason
from harness.report.annotations import workflow_commands
from harness.report.data import BaselineMessage, ReportData
from harness.run import LiveSession
from harness.run.facts import RunInfo
from harness.util.printable import without_commands

Terminal = Any  # pytest's TerminalReporter, which is not public
LINES: Final = 20  # about the baseline or of errors, in the terminal


def run_info(
    config: pytest.Config, session: LiveSession, part_reasons: Mapping[str, str]
) -> RunInfo:
    """Return what the report says about the command and the selection of cases."""
    cases = [case for pack in session.packs.values() for case in pack.cases]
    reasons = {case.name: reason for case in cases if (reason := option_reason(session, case))}
    options, words = session.options, [*map(str, config.invocation_params.args)]
    # A `-m` of the project's ini file does not select cases.
    marks = config.getoption("markexpr") if any(word.startswith("-m") for word in words) else ""
    selection = {
        "cases": [*options.cases],
        "keyword": config.getoption("keyword"),
        "marks": marks,
        "smoke": describe_smoke(session) if options.smoke else "",
        "shard": options.shard,
    }
    command = shlex.split(options.command) or ["pytest", *words]
    return RunInfo(
        shlex.join(redact_command(command)),
        {key: value for key, value in selection.items() if value},
        {**part_reasons, **reasons},
    )


def write_summary(
    report: ReportData, terminal: Terminal, messages: Sequence[str], verbosity: int
) -> None:
    """Write the summary of a run; before it annotations if GitHub runs us."""
    from harness.report.terminal import summary  # rich is not loaded before

    writer = terminal._tw
    encoding = getattr(writer._file, "encoding", None) or "utf-8"
    options = (writer.fullwidth, writer.hasmarkup, encoding)
    if annotates():
        for line in workflow_commands(report, os.environ.get("GITHUB_WORKSPACE") or os.getcwd()):
            terminal.write_line(line)
    with quoted(terminal):
        terminal.write("\n")
        terminal.write(without_commands(summary(report, *options, messages, verbosity)))


def annotates() -> bool:
    return os.environ.get("GITHUB_ACTIONS") == "true"


@contextmanager
def quoted(terminal: Terminal) -> Iterator[None]:
    """Keep GitHub's runner from reading the target's words as workflow commands."""
    token = secrets.token_hex(16)
    if annotates():
        terminal.write_line(f"::stop-commands::{token}")
    yield
    if annotates():
        terminal.write_line(f"::{token}::")


def error_lines(session: LiveSession) -> list[str]:
    """Return a line for each problem of the harness itself, and note that they are printed."""
    session.printed = len(session.problems)
    return [f"ERROR: {session.redact(problem)}" for problem in session.problems[:LINES]]


def baseline_entries(report: ReportData | None) -> list[BaselineMessage]:
    """Return the report's messages about the baseline."""
    return report["baseline"]["told"] if report and "baseline" in report else []


def baseline_lines(report: ReportData | None) -> Iterator[str]:
    """Yield a line for each thing to do about the baseline."""
    entries = baseline_entries(report)
    for entry in entries[:LINES]:
        yield f"baseline: {entry['says']}"
    if len(entries) > LINES:
        yield f"baseline: and {len(entries) - LINES} more, in report.json"
