"""pytest's hooks for a session with cases; each calls a method of the run."""

from __future__ import annotations

from collections.abc import Container, Generator, Iterator
from contextlib import contextmanager
from typing import Any, Final

import pytest

from harness.model import Case
from harness.plugin import file_writers, pages, read_options
from harness.plugin.items import CaseItem
from harness.plugin.run import RUN, Run, add_markers
from harness.plugin.run_result import write_result
from harness.util.errors import HarnessError
from harness.util.printable import printable

Reports = Generator[None, Any, Any]
# (outcome of the case, phase, outcome of the phase) -> pytest's category, letter and word.
STATUSES: Final = {
    ("warn", "call", "passed"): ("warned", "w", "WARN"),
    ("inconclusive", "setup", "failed"): ("inconclusive", "?", "INCONCLUSIVE"),
    ("inconclusive", "setup", "skipped"): ("inconclusive", "?", "INCONCLUSIVE"),
    ("known", "call", "skipped"): ("known", "k", "KNOWN"),
}


def run_of(config: pytest.Config) -> Run:
    """Return the run of this pytest session; the first call creates it and adds the hooks."""
    if RUN in config.stash:
        return config.stash[RUN]
    run = config.stash[RUN] = Run(config, read_options(config))
    add_markers(config)
    config.pluginmanager.register(ConformanceHooks(run), "llm-hooks")
    config.pluginmanager.register(file_writers.FinalStatus(run), "llm-final-status")
    if config.getoption("htmlpath", None):
        config.pluginmanager.register(pages.TestsPage(config, run), "llm-pages")
    return run


@contextmanager
def usage_errors(run: Run) -> Iterator[None]:
    """Turn an error into pytest's usage error: one line, exit 4, earlier reports stay."""
    try:
        yield
    except (HarnessError, pytest.UsageError, RecursionError) as error:
        is_deep = isinstance(error, RecursionError)
        line = "an expression is nested too deeply" if is_deep else printable(str(error))
        run.halted = True
        run.close(line)
        pages.silence(run.config)
        raise pytest.UsageError(line) from error


def end_loop_if_requested(session: pytest.Session) -> None:
    """Raise what pytest's own loop raises after a test, for example for `--maxfail`."""
    if session.shouldfail:
        raise session.Failed(session.shouldfail)
    if session.shouldstop:
        raise session.Interrupted(session.shouldstop)


def cases_of(items: list[pytest.Item]) -> list[Case]:
    return [item.case for item in items if isinstance(item, CaseItem)]


class ConformanceHooks:
    """The hooks of one run."""

    def __init__(self, run: Run) -> None:
        self.run = run

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> Reports:
        self.run.halted = True  # pytest calls the next hook also if this one is interrupted
        with usage_errors(self.run):
            if self.run.error:
                raise self.run.error
            left_out = self.run.select(cases_of(items))
        self.deselect(items, left_out)
        with usage_errors(self.run):  # -k and -m may be invalid
            result = yield
            self.deselect(items, self.run.part(cases_of(items)))
        self.run.halted = False
        return result

    def deselect(self, items: list[pytest.Item], names: Container[str]) -> None:
        left_out = [i for i in items if isinstance(i, CaseItem) and i.case.name in names]
        if left_out:
            self.run.config.hook.pytest_deselected(items=left_out)
            items[:] = [item for item in items if item not in left_out]

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        if session.config.getoption("collectonly") or self.run.halted:
            return  # pytest calls this also if the collection failed
        cases = cases_of(session.items)
        if not session.items:
            pages.silence(session.config)
        file_writers.guard(session.config, self.run)
        with usage_errors(self.run):
            if cases:
                self.run.start(cases)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool | None:
        """End a dry run after the collection; let `harness run` report cases as they are judged."""
        if session.testsfailed or session.config.getoption("collectonly"):
            return None
        if self.run.options.dry_run:
            pages.silence(session.config)
            return True
        if not self.run.is_own_command or len(cases_of(session.items)) < len(session.items):
            return None
        items = {i.case.name: i for i in session.items if isinstance(i, CaseItem)}
        for case in self.run.in_order_of_judging(cases_of(session.items)):
            item = items[case.name]
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=None)
            end_loop_if_requested(session)
        if self.run.session.stopped:
            session.shouldfail = self.run.session.stopped
            end_loop_if_requested(session)
        return True

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> bool | None:
        """End the session at a case without a result: the target stopped answering."""
        if not isinstance(item, CaseItem) or self.run.has_result(item.case):
            return None
        item.session.shouldfail = self.run.session.stopped or "the run has ended"
        return True

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item) -> Reports:
        report = yield
        if isinstance(item, CaseItem):
            item.annotate(report)
        return report

    @pytest.hookimpl(tryfirst=True)
    def pytest_report_teststatus(self, report: Any) -> tuple[str, str, str] | None:
        return STATUSES.get((getattr(report, "llm_outcome", ""), report.when, report.outcome))

    def pytest_keyboard_interrupt(self) -> None:
        if not self.run.loaded or not self.run.loaded.entries:
            pages.silence(self.run.config)

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        stopped = str(session.shouldfail or session.shouldstop or "")
        session.exitstatus = self.run.finish(exitstatus, stopped)

    def pytest_terminal_summary(self, terminalreporter: Any, exitstatus: int) -> None:
        """Called by pytest's own reporter, which `harness run` does not have."""
        write_result(self.run, terminalreporter, exitstatus)

    def pytest_unconfigure(self) -> None:
        self.run.close()
