"""The terminal of `harness run`: progress and result of the run, without pytest's words."""

from __future__ import annotations

import threading
from collections import Counter
from typing import Any, Final

import pytest

from harness.plugin.run import RUN
from harness.plugin.run_result import write_result
from harness.report.text import plural
from harness.run import LiveSession

STEPS: Final = 10  # lines about the progress where a line cannot be replaced
NOTABLE: Final = ("fail", "inconclusive", "warn")
CLEAR: Final = "\r\x1b[K"


class RunTerminal:
    """Takes the place of pytest's terminal reporter, in whose name it is registered.

    Attributes:
        _tw: The writer of pytest's reporter, which `config.get_terminal_writer()` returns.
    """

    def __init__(self, config: pytest.Config, is_quiet: bool) -> None:
        self.config, self.is_quiet = config, is_quiet
        self._tw = config.get_terminal_writer()
        self.replaces_lines = bool(getattr(self._tw._file, "isatty", bool)()) and not is_quiet
        self.total, self.outcomes = 0, Counter[str]()
        self.lock = threading.RLock()  # requests are announced by another thread
        self.shows_progress = False

    def write(self, text: str) -> None:
        """Write text with its line breaks, below what is there."""
        with self.lock:
            self.clear()
            self._tw.write(text, flush=True)

    def write_line(self, text: str) -> None:
        self.write(f"{text}\n")

    def announce(self, text: str) -> None:
        """Write a line about a run that has not ended."""
        if not self.is_quiet:
            self.write_line(text)

    def clear(self) -> None:
        """Remove the line of the progress."""
        if self.shows_progress:
            self._tw.write(CLEAR)
            self.shows_progress = False

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        self.total = len(session.items)

    def pytest_runtest_logreport(self, report: Any) -> None:
        outcome = getattr(report, "llm_outcome", "")
        if not outcome:
            return
        self.outcomes[outcome] += 1
        done = self.outcomes.total()
        if self.replaces_lines:
            with self.lock:
                self._tw.write(CLEAR + self.progress(done)[: self._tw.fullwidth - 1], flush=True)
                self.shows_progress = True
        elif not self.is_quiet and done < self.total and is_step(done, self.total):
            self.write_line(self.progress(done))

    def progress(self, done: int) -> str:
        """Return how many cases are judged, and how many of them need attention."""
        counts = [f"{self.outcomes[name]:,} {name}" for name in NOTABLE if self.outcomes[name]]
        return ", ".join((f"{done:,} of {plural(self.total, 'case')} judged", *counts))

    @pytest.hookimpl(wrapper=True)
    def pytest_sessionfinish(self, exitstatus: int) -> Any:
        """Write the result when all files are written."""
        result = yield
        with self.lock:
            self.clear()
        run = self.config.stash.get(RUN, None)
        if run is not None:
            write_result(run, self, exitstatus)
        if exitstatus == pytest.ExitCode.INTERRUPTED and not (run and run.report):
            self.write_line("interrupted")
        return result


def is_step(done: int, total: int) -> bool:
    """Return whether the progress enters another tenth of the run with this case."""
    return done * STEPS // total > (done - 1) * STEPS // total


class ReporterSwap:
    """Replaces pytest's terminal reporter by that of `harness run`."""

    def __init__(self, session: LiveSession) -> None:
        self.session = session

    @pytest.hookimpl(trylast=True)
    def pytest_configure(self, config: pytest.Config) -> None:
        terminal = RunTerminal(config, self.session.options.quiet)
        self.session.announce, manager = terminal.announce, config.pluginmanager
        manager.unregister(manager.get_plugin("terminalreporter"))
        manager.register(terminal, "terminalreporter")
