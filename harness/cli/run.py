"""`harness run`: loads the run and hands it to pytest."""

from __future__ import annotations

import os
import shlex
import signal
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from harness.cli.options import read_options, run_options

if TYPE_CHECKING:
    from harness.run import LiveSession

# pytest's plugins for test programs, which a gateway is not; each costs time on every case.
DISABLED_PLUGINS: Final = (
    *("cacheprovider", "logging", "unraisableexception", "threadexception", "warnings"),
    *("doctest", "unittest", "setuponly", "setupplan", "stepwise", "pastebin", "debugging"),
)
# No ini file, no conftest.py and no plugin of the caller's environment.
PYTEST_ARGS: Final = (
    *("-c", os.devnull, "--noconftest", "-p", "harness.plugin"),
    *(word for name in DISABLED_PLUGINS for word in ("-p", f"no:{name}")),
    *("-p", "pytest_metadata.plugin", "-p", "pytest_html.plugin", "--self-contained-html"),
    *("-q", "--no-header", "--tb=no", "-rN"),
    *("-o", "junit_family=xunit2", "-o", "console_output_style=count"),
)
CLEARED_VARIABLES: Final = ("PYTEST_ADDOPTS", "PYTEST_PLUGINS")
NO_AUTOLOAD: Final = "PYTEST_DISABLE_PLUGIN_AUTOLOAD"


@click.command()
@click.argument("target", default="builtin")
@click.option("-k", "keyword", metavar="EXPR", help="Expression that cases match, as in pytest.")
@run_options
@click.pass_obj
def run(words: Sequence[str], /, keyword: str | None, **given: Any) -> int:
    """Run the cases against TARGET: a base URL, a target file, or a name (default: builtin).

    Writes report.html, report.json, junit.xml, summary.md, badge.svg, badge.json and
    transcript.jsonl.
    """
    from harness.run import check_output_dir, load_session

    options = replace(read_options(given), command=shlex.join(["harness", *words]))
    out = Path(options.out)
    if options.dry_run:
        options = replace(options, out="")
    else:
        check_output_dir(out)
    session = load_session(options, may_send=not options.dry_run)
    chosen = [] if keyword is None else ["-k", keyword]
    written = [] if options.dry_run else [f"--html={out / 'report.html'}"]
    written += [] if options.dry_run else [f"--junitxml={out / 'junit.xml'}"]
    return call_pytest([*chosen, *written], session)


def call_pytest(arguments: Sequence[str], session: LiveSession) -> int:
    """Run pytest with the packs of a loaded session. Returns its exit code."""
    folders = [Path(pack.folder) for pack in session.packs.values()]
    home = root(folders)
    with isolated_environment(), sigterm_as_interrupt():
        import pytest

        from harness.plugin.run import LoadedSession

        where = [*map(str, folders), f"--rootdir={home}", f"--confcutdir={home}"]
        plugins = [LoadedSession(session)]
        return int(pytest.main([*where, *PYTEST_ARGS, *arguments], plugins=plugins))


def root(folders: Sequence[Path]) -> Path:
    """Return the folder that node ids start from: above a pack, or above the shipped packs."""
    from harness.util import paths

    shipped = paths.cases_dir().parent
    if all(folder.resolve().is_relative_to(shipped) for folder in folders):
        return shipped
    return Path(os.path.commonpath([folder.resolve().parent for folder in folders]))


@contextmanager
def isolated_environment() -> Iterator[None]:
    """Remove the variables that configure pytest, for the time of a run."""
    before = {name: os.environ.get(name) for name in (*CLEARED_VARIABLES, NO_AUTOLOAD)}
    for name in CLEARED_VARIABLES:
        os.environ.pop(name, None)
    os.environ[NO_AUTOLOAD] = "1"
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value


@contextmanager
def sigterm_as_interrupt() -> Iterator[None]:
    """Let SIGTERM, which CI sends, end a run as Ctrl-C does: with reports of what ran."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
