"""pytest's door: a file is a case file, an item a case with its line. Decides nothing.

Load it with `-p harness.plugin`. Without case files among the arguments it does nothing at all.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from harness.behaviours import BEHAVIOURS
from harness.errors import HarnessError
from harness.plugin import pages
from harness.plugin.items import CaseFile, CaseItem
from harness.plugin.options import add_options, options_of
from harness.plugin.run import RUN, Run, is_case_file

__all__ = ["CaseFile", "CaseItem"]


def pytest_addoption(parser: pytest.Parser) -> None:
    add_options(parser)


def pytest_configure(config: pytest.Config) -> None:
    config.stash[RUN] = Run(config, options_of(config))
    for behaviour in BEHAVIOURS:
        config.addinivalue_line("markers", f"{behaviour.id}: {behaviour.promise}")
    config.addinivalue_line("markers", "llm(pack, row, feature): what a case is about")
    if config.getoption("htmlpath", None) and not hasattr(config, "workerinput"):
        config.pluginmanager.register(pages.HtmlPages(config), "llm-pages")
    if config.getoption("tx", None):
        from harness.plugin import workers

        config.pluginmanager.register(workers.Controller(config), "llm-workers")


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    return CaseFile.from_parent(parent, path=file_path) if is_case_file(file_path) else None


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(
    session: pytest.Session, config: pytest.Config, items: list[pytest.Item]
) -> None:
    run = config.stash[RUN]
    mine = [item for item in items if isinstance(item, CaseItem)]
    with usage(config):
        if run.trouble:
            raise run.trouble
        left_out = run.select([item.case for item in mine]) if mine else set()
    gone = [item for item in mine if item.case.name in left_out]
    if gone:
        config.hook.pytest_deselected(items=gone)
        items[:] = [item for item in items if item not in gone]


def pytest_collection_finish(session: pytest.Session) -> None:
    config = session.config
    cases = [item.case for item in session.items if isinstance(item, CaseItem)]
    if config.getoption("collectonly"):
        return
    if not session.items:
        pages.silence(config)
    with usage(config):
        if cases:
            config.stash[RUN].fire(cases)


@contextmanager
def usage(config: pytest.Config) -> Iterator[None]:
    """What stops us becomes pytest's usage error: one line, exit 4, nothing overwritten."""
    try:
        yield
    except HarnessError as error:
        config.stash[RUN].close(str(error))
        pages.silence(config)
        raise pytest.UsageError(str(error)) from error


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    """A worker of xdist fires its own items only, one ahead."""
    if isinstance(item, CaseItem) and item.run.worker:
        ahead = [one.case for one in (item, nextitem) if isinstance(one, CaseItem)]
        item.run.session.begin(ahead)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: Any) -> Iterator[None]:
    report: Any = yield
    if isinstance(item, CaseItem):
        item.tell(report)
    return report


@pytest.hookimpl(tryfirst=True)
def pytest_report_teststatus(report: Any) -> tuple[str, str, str] | None:
    outcome = getattr(report, "llm_outcome", "")
    if outcome == "warn" and report.when == "call" and report.passed:
        return "warned", "w", "WARN"
    if outcome == "inconclusive" and report.when == "setup" and report.failed:
        return "inconclusive", "?", "INCONCLUSIVE"
    return None


def pytest_terminal_summary(terminalreporter: Any, exitstatus: int, config: pytest.Config) -> None:
    run = config.stash[RUN]
    if run.report is not None:
        run.tell(terminalreporter)
    elif run.opened is not None and exitstatus == pytest.ExitCode.NO_TESTS_COLLECTED:
        terminalreporter.write_line("nothing is selected; `harness list` names the cases")


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    run = session.config.stash[RUN]
    session.exitstatus = run.finish(exitstatus)
    if run.opened is not None and not run.worker:
        from harness.plugin import workers

        workers.merge(run)
