"""pytest's hooks for a run that has cases: each hands on to the run. Decides nothing."""

from __future__ import annotations

from collections.abc import Container, Generator, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from harness.plugin import pages
from harness.plugin.items import CaseItem
from harness.plugin.options import options_of
from harness.plugin.run import RUN, Run, add_markers
from harness.util.errors import HarnessError

Reports = Generator[None, Any, Any]


def door(config: pytest.Config) -> Run:
    """The run of this pytest session; the first to ask opens the door."""
    if RUN in config.stash:
        return config.stash[RUN]
    run = config.stash[RUN] = Run(config, options_of(config))
    add_markers(config)
    config.pluginmanager.register(Door(run), "llm-door")
    worker = hasattr(config, "workerinput")
    if config.getoption("htmlpath", None) and not worker:
        config.pluginmanager.register(pages.HtmlPages(config), "llm-pages")
    if config.getoption("tx", None) and not worker:
        from harness.plugin.workers import Controller

        config.pluginmanager.register(Controller(run), "llm-workers")
    return run


@contextmanager
def usage(run: Run) -> Iterator[None]:
    """What stops us becomes pytest's usage error: one line, exit 4, nothing overwritten."""
    try:
        yield
    except (HarnessError, pytest.UsageError) as error:
        run.halted = True
        run.close(str(error))
        pages.silence(run.config)
        raise pytest.UsageError(str(error)) from error


class Door:
    def __init__(self, run: Run) -> None:
        self.run = run

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> Reports:
        with usage(self.run):
            if self.run.trouble:
                raise self.run.trouble
            left_out = self.run.select([item.case for item in items if isinstance(item, CaseItem)])
        self.drop(items, left_out)
        with usage(self.run):  # -k and -m may make no sense
            result = yield
            cases = [item.case for item in items if isinstance(item, CaseItem)]
            self.drop(items, self.run.part(cases))
        return result

    def drop(self, items: list[pytest.Item], names: Container[str]) -> None:
        gone = [i for i in items if isinstance(i, CaseItem) and i.case.name in names]
        if gone:
            self.run.config.hook.pytest_deselected(items=gone)
            items[:] = [item for item in items if item not in gone]

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        if session.config.getoption("collectonly") or self.run.halted:
            return  # pytest comes here even when the collection has failed
        cases = [item.case for item in session.items if isinstance(item, CaseItem)]
        if not session.items:
            pages.silence(session.config)
        with usage(self.run):
            if cases:
                self.run.fire(cases)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool | None:
        """A dry run is over when all is collected."""
        if not self.run.options.dry_run or session.testsfailed:
            return None
        pages.silence(session.config)
        return True

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item, nextitem: pytest.Item | None) -> None:
        """A worker of xdist fires its own items only, one ahead."""
        if isinstance(item, CaseItem) and self.run.worker:
            ahead = [one.case for one in (item, nextitem) if isinstance(one, CaseItem)]
            self.run.session.begin(ahead)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item) -> Reports:
        report = yield
        if isinstance(item, CaseItem):
            item.tell(report)
        return report

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: Any) -> None:
        entry = getattr(report, "llm_entry", None)
        if entry is not None:
            self.run.entries[report.llm_case] = entry

    @pytest.hookimpl(tryfirst=True)
    def pytest_report_teststatus(self, report: Any) -> tuple[str, str, str] | None:
        outcome = getattr(report, "llm_outcome", "")
        if outcome == "warn" and report.when == "call" and report.passed:
            return "warned", "w", "WARN"
        if outcome == "inconclusive" and report.when == "setup" and report.failed:
            return "inconclusive", "?", "INCONCLUSIVE"
        if outcome == "known" and report.when == "call" and report.skipped:
            return "known", "k", "KNOWN"
        return None

    def pytest_keyboard_interrupt(self) -> None:
        if not self.run.entries:
            pages.silence(self.run.config)

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        stopped = str(session.shouldfail or session.shouldstop or "")
        session.exitstatus = self.run.finish(exitstatus, stopped)

    def pytest_terminal_summary(self, terminalreporter: Any, exitstatus: int) -> None:
        self.run.tell(terminalreporter, exitstatus)

    def pytest_unconfigure(self) -> None:
        self.run.close()
