"""What a run has shown -> report.json and its companions, and the terminal. May not judge."""

from __future__ import annotations

import os
import secrets
import shlex
from collections.abc import Container, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from harness.fire.redaction.secrets import redact_command
from harness.load import shipped_packs
from harness.plugin.selection import smoke_told
from harness.report.annotations import workflow_commands
from harness.report.build import build_report
from harness.report.case_data import unselected_case
from harness.report.data import ReportData, RunFacts, UnselectedData
from harness.run import Session, now
from harness.run.metadata import own_version, target_facts

if TYPE_CHECKING:
    from harness.plugin.run import Run


def facts(run: Run, session: Session) -> RunFacts:
    """What is known before anything is judged; the transcript begins with it."""
    packs = list(session.packs.values())
    return {
        "harness": own_version(),
        "target": target_facts(session.target, packs, session.redact),
        "selection": selection(run),
        "command": session.earlier.header["run"]["command"]
        if session.earlier
        else session.redact(command(run)),
    }


def left_out(run: Run, session: Session, ran: Container[str], why: str) -> list[UnselectedData]:
    """The cases that were not judged, each with its reason, or `why`."""
    packs = list(session.packs.values())
    cases = [case for pack in packs for case in pack.cases if case.name not in ran]
    reasons = {case.name: run.left_out(case) or run.elsewhere.get(case.name, why) for case in cases}
    return [unselected_case(case, reasons[case.name], packs) for case in cases]


def build(run: Run, session: Session, stopped: str) -> ReportData:
    """The data of report.json: what was judged, and what was not and why."""
    packs = list(session.packs.values())
    known: RunFacts = {
        **facts(run, session),
        "started": session.started,
        "finished": now(),
        "requests": session.requests + run.requests,
        "reasons": [stopped] if stopped else [],
        "unexpected": session.unexpected,
    }
    names = [case.name for pack in packs for case in pack.cases]
    judged = [run.entries[name] for name in names if name in run.entries]
    unjudged = f"not judged: {stopped}" if stopped else "deselected"
    unfired = left_out(run, session, run.entries, unjudged)
    if run.baseline:
        file = run.config.getoption("--llm-baseline")
        known["baseline"] = {
            "file": file,
            "told": run.baseline.messages(judged, unfired, shipped_packs()),
        }
    return build_report(known, packs, judged, unfired)


def selection(run: Run) -> dict[str, Any]:
    get = run.config.getoption
    given = map(str, run.config.invocation_params.args)  # the project's own -m is no choice
    marks = get("markexpr") if any(word.startswith("-m") for word in given) else ""
    chosen = {"cases": get("--llm-case"), "keyword": get("keyword"), "marks": marks}
    chosen["smoke"] = smoke_told(run.session) if get("--llm-smoke") else ""
    chosen["shard"] = get("--llm-shard")
    return {key: value for key, value in chosen.items() if value}


def command(run: Run) -> str:
    given = run.config.getoption("--llm-command")
    words = (
        shlex.split(given) if given else ["pytest", *map(str, run.config.invocation_params.args)]
    )
    return shlex.join(redact_command(words))


def tell(report: ReportData, terminal: Any) -> None:
    from harness.report import terminal as voice

    writer = terminal._tw
    encoding = getattr(writer._file, "encoding", None) or "utf-8"
    options = (writer.fullwidth, writer.hasmarkup, encoding)
    terminal.write_line("")
    with quoted(terminal):
        terminal.write(voice.field_table(report, *options))
        terminal.write(voice.summary(report, *options))
    if annotates():
        for line in workflow_commands(report, os.environ.get("GITHUB_WORKSPACE") or os.getcwd()):
            terminal.write_line(line)


def annotates() -> bool:
    return os.environ.get("GITHUB_ACTIONS") == "true"


@contextmanager
def quoted(terminal: Any) -> Iterator[None]:
    """What the target said is no command to GitHub's runner, wherever a line breaks."""
    token = secrets.token_hex(16)
    if annotates():
        terminal.write_line(f"::stop-commands::{token}")
    yield
    if annotates():
        terminal.write_line(f"::{token}::")
