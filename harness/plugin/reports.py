"""What the report says about the pytest command, and the summary in the terminal."""

from __future__ import annotations

import os
import secrets
import shlex
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest

from harness.fire.redaction.secrets import redact_command
from harness.plugin.selection import describe_smoke, option_reason
from harness.report.annotations import workflow_commands
from harness.report.data import ReportData
from harness.run import LiveSession
from harness.run.report_data import RunInfo

Terminal = Any  # pytest's TerminalReporter, which is not public


def run_info(
    config: pytest.Config, session: LiveSession, part_reasons: Mapping[str, str]
) -> RunInfo:
    """Return what the report says about the command and the selection of cases."""
    cases = [case for pack in session.packs.values() for case in pack.cases]
    reasons = {case.name: reason for case in cases if (reason := option_reason(session, case))}
    return RunInfo(
        command(config, session), selected_by(config, session), {**part_reasons, **reasons}
    )


def selected_by(config: pytest.Config, session: LiveSession) -> dict[str, Any]:
    """Return the options that select cases; a `-m` of the project's ini file does not."""
    given = map(str, config.invocation_params.args)
    marks = config.getoption("markexpr") if any(word.startswith("-m") for word in given) else ""
    chosen = {
        "cases": [*session.options.cases],
        "keyword": config.getoption("keyword"),
        "marks": marks,
        "smoke": describe_smoke(session) if session.options.smoke else "",
        "shard": session.options.shard,
    }
    return {key: value for key, value in chosen.items() if value}


def command(config: pytest.Config, session: LiveSession) -> str:
    given = session.options.command
    words = shlex.split(given) if given else ["pytest", *map(str, config.invocation_params.args)]
    return shlex.join(redact_command(words))


def write_summary(report: ReportData, terminal: Terminal) -> None:
    """Write the matrix and the summary, and annotations if GitHub runs us."""
    from harness.report.terminal import field_table, summary  # rich is not loaded before

    writer = terminal._tw
    encoding = getattr(writer._file, "encoding", None) or "utf-8"
    options = (writer.fullwidth, writer.hasmarkup, encoding)
    terminal.write_line("")
    with quoted(terminal):
        terminal.write(field_table(report, *options))
        terminal.write(summary(report, *options))
    if annotates():
        for line in workflow_commands(report, os.environ.get("GITHUB_WORKSPACE") or os.getcwd()):
            terminal.write_line(line)


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
