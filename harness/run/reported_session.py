"""The outputs of a run: its transcript and its reports."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from harness.fire.redaction.secrets import redact_url
from harness.model import Json, Pack, Plan, Target
from harness.model.options import Options
from harness.report.baseline import Baseline
from harness.report.case_types import CaseData
from harness.report.data import ReportData, RunFacts
from harness.report.page_store import PageStore
from harness.report.signals import signal_data
from harness.report.transport import transport_sentences
from harness.run import facts, outputs
from harness.run.final_report import final_report
from harness.run.footer import footer
from harness.run.recording import Recording
from harness.run.sender import Sender
from harness.run.session import Session
from harness.run.start import LocalServers
from harness.util.errors import noted

CONTINUE: Final = "To send only what is missing, add --resume to the same command."


class ReportedSession(Session):
    """A session that writes a transcript and reports.

    Attributes:
        info: The caller's facts about the run, for its report.
        plans: The plan of each case, by the case's full name.
        entries: The report's entry of each judged case, by the case's full name.
        report_data: The data of report.json, once the run has ended with results.
        messages: Lines for the terminal.
        problems, printed: What the harness failed to do, and how many of them were printed.
        faulty: The names of the cases that the harness failed to judge.
        held: Holds the folder of the reports until they are written.
        store: The exchanges that report.html shows.
        can_resume: Whether the command has --resume, so that a run that ended early can go on.
        redact, hide: Hide the secrets of the run in a message, and in a text of the target.
    """

    target: Target
    packs: Mapping[str, Pack]
    can_resume = True

    def __init__(self, options: Options) -> None:
        self.options, self.started = options, facts.now()
        self.repeat, self.answers, self.stopped = options.repeat, {}, ""
        self.out = Path(options.out) if options.out else None
        self.info, self.facts = facts.RunInfo(), RunFacts()
        self.recording = Recording(self.out / "transcript.jsonl" if self.out else None)
        self.baseline: Baseline | None = None
        self.plans: dict[str, Plan] = {}
        self.entries = dict[str, CaseData]()
        self.report_data: ReportData | None = None
        self.messages, self.problems, self.faulty = list[str](), list[str](), list[str]()
        self.footer, self.printed, self.held = dict[str, Json](), 0, ExitStack()
        self.store = PageStore()
        self.redact: Callable[[str], str] = redact_url
        self.hide: Callable[[str], str] = str

    def end_transcript(self, sender: Sender | None, servers: LocalServers | None) -> None:
        """Write the end of the transcript; what sends has stopped."""
        unexpected = servers.unexpected if servers else ()
        others = (self.entries, unexpected, self.recording.requests, self.faulty)
        self.footer = footer(sender, self.stopped, *others)
        self.messages += transport_sentences(self.footer)
        if self.can_resume and self.recording.is_open and self.footer["reason"]:
            self.messages.append(CONTINUE)
        self.recording.close(self.footer)
        self.problems += {self.recording.problem} - {"", *self.problems}

    def write_reports(self) -> None:
        """Write the reports if a case was judged; what could not be written is in `problems`."""
        with self.held, noted(self.problems, "the reports"):
            if not self.entries:
                return
            run: RunFacts = {**self.facts, **facts.end_facts(self.started, self.footer)}
            run["signals"] = signal_data(self.signal_states)
            baseline = (self.options.baseline, self.baseline) if self.baseline else None
            others = ([*self.packs.values()], self.entries, self.info, self.footer["reason"])
            plans = self.plans.values()
            self.report_data = final_report(run, self.hide, *others, plans, baseline)
            outputs.write(self.out, self.report_data, self.store)
