"""One pytest session -> one run of ours: opened, fired, closed. May not judge or write reports."""

from __future__ import annotations

import dataclasses
import difflib
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from harness import run as journey
from harness.language.behaviours import BEHAVIOURS
from harness.load import load_target, with_clients
from harness.model import Case, Exchange, Verdict
from harness.plugin import baseline, files, reports, selection
from harness.report.baseline import Baseline
from harness.report.case_data import case_data
from harness.report.data import CaseData, ReportData
from harness.run import Options, Session, check_output_dir, outputs
from harness.run.dry_run import dry_run_lines
from harness.run.resume import resume
from harness.util import paths
from harness.util.errors import HarnessError, UsageError

RUN: pytest.StashKey[Run] = pytest.StashKey()


def add_markers(config: pytest.Config) -> None:
    for behaviour in BEHAVIOURS:
        config.addinivalue_line("markers", f"{behaviour.id}: {behaviour.promise}")
    config.addinivalue_line("markers", "llm(pack, row, feature): what a case is about")


class Run:
    """Lives as long as the pytest session; opens ours when the first case file is met."""

    def __init__(self, config: pytest.Config, options: Options) -> None:
        self.config = config
        self.worker: Mapping[str, Any] = getattr(config, "workerinput", {}).get("llm", {})
        self.options = dataclasses.replace(options, **self.worker.get("options", {}))
        self.fail_on: str = config.getoption("--llm-fail-on")
        self.out = Path(config.getoption("--llm-out")) if config.getoption("--llm-out") else None
        self.opened: Session | None = None
        self.baseline: Baseline | None = None
        self.trouble: HarnessError | None = None
        self.entries: dict[str, CaseData] = {}
        self.report: ReportData | None = None
        self.requests = 0  # those of xdist's workers
        self.said: list[str] = []
        self.elsewhere: Mapping[str, str] = {}
        self.halted = False

    @property
    def session(self) -> Session:
        """Raises HarnessError: the first time, and every time after it."""
        if self.trouble:
            raise self.trouble
        if self.opened is None:
            options = dataclasses.replace(self.options, packs=self.packs())
            unsent = self.config.getoption("collectonly") or options.dry_run
            start_gateway = not self.worker and not unsent
            try:
                self.opened = journey.load_session(options, start_gateway)
            except HarnessError as error:
                self.trouble = error
                raise
        return self.opened

    def packs(self) -> tuple[str, ...]:
        """What --llm-pack says, else what the arguments name, else the target's own; and with
        --llm-clients those of the SDKs that speak the same.
        """
        named, broad = files.packs_named(self.config)
        packs = self.options.packs
        if named and not packs:
            first = load_target(self.options.target).packs if broad else ()
            packs = (*first, *map(str, named))
        if not self.config.getoption("--llm-clients"):
            return packs
        return with_clients(packs or load_target(self.options.target).packs)

    def cases_in(self, path: Path) -> Sequence[Case]:
        """The cases of one file; those of a pack that is not asked for are left out."""
        if not paths.is_case_file(path):
            raise UsageError(f"{path.name} lies in no pack: put it, as .yaml, beside a pack.yaml")
        folder = path.parent.resolve()
        for pack in self.session.packs.values():
            if Path(pack.folder).resolve() == folder:
                return [case for case in pack.cases if Path(case.place.path).name == path.name]
        asked = ", ".join(self.session.packs)
        told = f"{folder.name} is a pack that is not among {asked}: --llm-pack FOLDER"
        self.said += [] if told in self.said else [told]
        return []

    def select(self, cases: Sequence[Case]) -> set[str]:
        """Which of the cases are left out, by name. Raises UsageError for an unknown id."""
        names = {case.id for case in cases} | {case.name for case in cases}
        for name in self.config.getoption("--llm-case"):
            if name not in names:
                near = difflib.get_close_matches(name, names, 1)
                hint = f"; did you mean {near[0]}?" if near else "; `harness list` names them all"
                raise UsageError(f"no case `{name}`{hint}")
        return {case.name for case in cases if self.left_out(case)}

    def left_out(self, case: Case) -> str:
        """Why a case is not asked for; empty when it is."""
        wanted: list[str] = self.config.getoption("--llm-case")
        if wanted:
            return "" if {case.id, case.name} & set(wanted) else "not among --case"
        tier = self.session.packs[case.pack].features.get(case.feature, "core")
        asked = tier != "opt-in" or case.feature in self.session.target.features
        return "" if asked else f"opt-in: --feature {case.feature}"

    def part(self, cases: Sequence[Case]) -> Collection[str]:
        """Of the selected cases those that this run leaves to others."""
        self.elsewhere = selection.left_out(self.config, self.session, cases) if cases else {}
        return self.elsewhere

    def open(self) -> None:
        """Starts the target. Raises HarnessError where it, its key or --out cannot be had."""
        self.baseline = baseline.baseline_of(self.config, self.session)
        if self.out and not self.worker:
            check_output_dir(self.out)
        self.session.start()

    def fire(self, cases: Sequence[Case]) -> None:
        """Makes the first call, and starts to fire; a worker of xdist fires item by item."""
        if self.options.dry_run:
            self.said += dry_run_lines(self.session, cases)
            return
        self.open()
        self.session.fire(cases)
        ran = {case.name for case in cases}
        self.session.facts = {
            **reports.facts(self, self.session),
            "not_selected": reports.left_out(self, self.session, ran, "deselected"),
        }
        if self.worker:
            if self.out:
                self.session.write(cases, self.out / f"transcript.{self.worker['id']}.jsonl")
            return
        if self.out and self.options.resume:
            self.said += resume(self.session, cases, self.out / "transcript.jsonl")
        self.session.preflight(self.session.packs[cases[0].pack])
        if self.out:
            self.session.write(cases, self.out / "transcript.jsonl")
        self.session.begin(cases)

    def told(self, verdict: Verdict, exchanges: Mapping[str, Exchange]) -> tuple[CaseData, str]:
        """The case's entry in report.json, and its part of report.html where that is written."""
        plan = self.session.shown(verdict)
        entry = case_data(verdict, plan, self.session.packs.values(), exchanges)
        if self.baseline and (excused := self.baseline.known_data(entry)):
            entry["known"] = excused
        if not self.config.getoption("htmlpath", None) and not self.worker.get("html"):
            return entry, ""
        from harness.report.evidence import case_evidence
        from harness.report.page import case_html

        return entry, case_html(entry, case_evidence(plan, exchanges, entry))

    def finish(self, exitstatus: int, stopped: str) -> int:
        """Stops firing, builds the report of what ran, writes it. Returns the exit status."""
        if self.opened is None:
            return exitstatus
        interrupted = exitstatus == pytest.ExitCode.INTERRUPTED
        try:
            self.close("interrupted" if interrupted else stopped)
            if self.worker:
                ended = {"requests": self.opened.requests, "over": self.opened.budget.over}
                self.config.workeroutput["llm"] = ended  # type: ignore[attr-defined]
            elif self.entries:
                why = "interrupted" if interrupted else stopped or self.opened.budget.over
                self.report = reports.build(self, self.opened, why)
                if self.out:
                    outputs.write(self.out, self.report)
        except (HarnessError, OSError) as error:
            self.said.append(f"ERROR: the reports are not whole: {error}")
            return int(pytest.ExitCode.INTERNAL_ERROR)
        required = self.config.getoption("--llm-require") and self.report
        unmet = required and required["result"] != "conformant"
        return int(exitstatus) or (1 if unmet or baseline.fails(self.report) else 0)

    def tell(self, terminal: Any, exitstatus: int) -> None:
        """The matrix and what is wrong, below pytest's own lines."""
        if self.report is not None:
            reports.tell(self.report, terminal)
        elif self.opened is not None and exitstatus == pytest.ExitCode.NO_TESTS_COLLECTED:
            self.said.append("nothing is selected; `harness list` names the cases")
        for line in dict.fromkeys((*self.said, *baseline.lines(self.report))):
            terminal.write_line(line)

    def close(self, reason: str = "") -> None:
        if self.opened is not None:
            self.opened.close(reason)
