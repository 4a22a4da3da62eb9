"""The run of one pytest session: it loads for the collection, and gives each item its result."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Generator, Iterable, Iterator, Sequence
from pathlib import Path

import pytest

from harness.language.behaviours import BEHAVIOURS
from harness.load.targets import load_target
from harness.model import Case
from harness.model.options import Options
from harness.plugin import files, reports, selection
from harness.report.data import ReportData
from harness.run import CaseResult, LiveSession, load_session, run_cases
from harness.run.dry_run import dry_run_lines
from harness.util import interruption, paths
from harness.util.errors import HarnessError, Unreachable, UsageError, internal_error

RUN: pytest.StashKey[Run] = pytest.StashKey()


def add_markers(config: pytest.Config) -> None:
    for behaviour in BEHAVIOURS:
        config.addinivalue_line("markers", f"{behaviour.id}: {behaviour.promise}")
    config.addinivalue_line("markers", "llm(pack, row, feature): the subject of a case")


@dataclasses.dataclass(frozen=True)
class LoadedSession:
    """A plugin that hands over a session which `harness run` has loaded."""

    session: LiveSession


class Run:
    """Lives as long as the pytest session; loads when the first case file is collected."""

    def __init__(self, config: pytest.Config, options: Options) -> None:
        self.config, self.options = config, options
        self.loaded: LiveSession | None = None
        for plugin in config.pluginmanager.get_plugins():
            if isinstance(plugin, LoadedSession):
                self.loaded, self.options = plugin.session, plugin.session.options
        self.is_own_command = self.loaded is not None
        self.error: HarnessError | None = None
        self.results: Iterator[CaseResult] = iter(())
        self.waiting: dict[str, CaseResult] = {}
        self.messages: list[str] = []
        self.halted = self.guarded = False

    @property
    def session(self) -> LiveSession:
        """Load the session, once. Raises HarnessError each time if that failed."""
        if self.error:
            raise self.error
        if self.loaded is None:
            options = dataclasses.replace(self.options, packs=self.packs())
            sends = not self.config.getoption("collectonly") and not options.dry_run
            try:
                self.loaded = load_session(options, may_send=sends)
            except HarnessError as error:
                self.error = error
                raise
        return self.loaded

    def packs(self) -> tuple[str, ...]:
        """Return the packs of --llm-pack, or those that the arguments name, or the target's."""
        named, broad = files.packs_named(self.config)
        if self.options.packs or not named:
            return self.options.packs
        return (*(load_target(self.options.target).packs if broad else ()), *map(str, named))

    def cases_in(self, path: Path) -> Sequence[Case]:
        """Return the cases of a file; none if its pack is not in the run."""
        if not paths.is_case_file(path):
            raise UsageError(f"{path.name} lies in no pack: put it, as .yaml, beside a pack.yaml")
        folder = path.parent.resolve()
        for pack in self.session.packs.values():
            if Path(pack.folder).resolve() == folder:
                names = ((case, os.path.basename(case.place.path)) for case in pack.cases)
                return [case for case, name in names if name == path.name]
        if self.options.cases:
            return []  # only the packs of these cases are loaded
        packs = ", ".join(self.session.packs)
        self.messages += [f"{folder.name} is a pack that is not among {packs}: --llm-pack FOLDER"]
        return []

    def select(self, cases: Sequence[Case]) -> set[str]:
        """Return the names of the cases that the options leave out. Raises UsageError."""
        selection.check_names(self.options.cases, cases)
        return {case.name for case in cases if selection.option_reason(self.session, case)}

    def part(self, cases: Sequence[Case]) -> dict[str, str]:
        """Return the selected cases that --smoke or --shard leaves out, with the reason."""
        reasons = selection.part_reasons(self.session, cases) if cases else {}
        self.session.info = reports.run_info(self.config, self.session, reasons)
        return reasons

    def start(self, cases: Sequence[Case]) -> None:
        """Start the run; return when the first case is judged. Raises HarnessError."""
        if self.options.dry_run:
            self.messages += dry_run_lines(self.session, cases)
            return
        self.session.cases = cases
        self.results = run_cases(self.session)
        if not self.take_next():
            raise Unreachable(self.session.stopped)

    def result(self, case: Case) -> CaseResult:
        """Return the result of a case that `has_result`, and release it."""
        return self.waiting.pop(case.name)

    def take_next(self) -> str:
        """Wait for the next result; return its case's name, or "" if there is none."""
        result = next(self.results, None)
        if result is None:
            return ""
        self.waiting[result.verdict.case.name] = result
        return result.verdict.case.name

    def has_result(self, case: Case) -> bool:
        """Wait for the result of a case; return whether there is one."""
        while case.name not in self.waiting:
            if not self.take_next():
                return False
        return True

    def in_order_of_judging(self, cases: Iterable[Case]) -> Iterator[Case]:
        """Yield the cases as their results come, which may be in another order."""
        by_name = {case.name: case for case in cases}
        while by_name:
            ready = next((name for name in self.waiting if name in by_name), "")
            name = ready or self.take_next()
            if not name:
                return
            if name in by_name:
                yield by_name.pop(name)

    def finish(self, exitstatus: int, stopped: str) -> int:
        """End the run, which writes its reports. Returns the exit status."""
        if self.loaded is None:
            return exitstatus
        if self.is_own_command:
            interruption.hold()  # a further signal must not cost the reports
        interrupted = exitstatus == pytest.ExitCode.INTERRUPTED
        try:
            self.close("interrupted" if interrupted else stopped)
        except Exception as error:
            self.loaded.problems.append(internal_error(error))
        report = self.report
        entries = reports.baseline_entries(report)
        unmet = self.options.require and report and report["result"] != "conformant"
        unmet = unmet or (report and report.get("transport", {}).get("fault"))
        incomplete = report is not None and bool(report["reasons"])
        failed = unmet or incomplete or any(entry["fails"] for entry in entries)
        return int(exitstatus) or (1 if failed else 0)

    def final_status(self, exitstatus: int) -> int:
        """Return the exit status when everything is written, or could not be."""
        if self.loaded and self.loaded.problems:
            return int(pytest.ExitCode.INTERNAL_ERROR)
        signalled = self.is_own_command and interruption.was_signalled()
        return int(pytest.ExitCode.INTERRUPTED) if signalled else exitstatus

    @property
    def report(self) -> ReportData | None:
        """The data of the report, when the run has ended with results."""
        return self.loaded.report_data if self.loaded else None

    def close(self, reason: str = "") -> None:
        """End the run; a second call does nothing."""
        if self.loaded is not None:
            self.loaded.stopped = self.loaded.stopped or reason
            if isinstance(self.results, Generator):
                self.results.close()
            self.loaded.close()
