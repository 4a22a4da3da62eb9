"""`harness run`: loads the run and hands it to pytest."""

from __future__ import annotations

import gc
import logging
import os
import shlex
import sys
import threading
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from harness.cli.options import run_options
from harness.cli.project_file import ProjectCommand, with_file_options
from harness.model.options import Options, options_from
from harness.util.errors import INTERNAL_ERROR, UsageError, internal_error
from harness.util.garbage import collection_paused

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
    *("--tb=no", "--capture=no"),
)
USAGE_ERROR: Final = 4  # pytest has printed the reason
CLEARED_VARIABLES: Final = ("PYTEST_ADDOPTS", "PYTEST_PLUGINS")
NO_AUTOLOAD: Final = "PYTEST_DISABLE_PLUGIN_AUTOLOAD"


@click.command(cls=ProjectCommand)
@click.argument("target", default="")
@click.option("-k", "keyword", metavar="EXPR", help="Expression that cases match, as in pytest.")
@click.option("--html", metavar="PATH", help="File for tests.html (default: in --out).")
@run_options()
@click.pass_obj
def run(words: Sequence[str], /, keyword: str | None, html: str | None, **given: Any) -> int:
    """Run the cases against TARGET: a base URL, a target file, or a name.

    Without TARGET this is the reference gateway, or, with --model, OPENAI_BASE_URL or
    ANTHROPIC_BASE_URL. A URL without --api-key-env gets the key in OPENAI_API_KEY or
    ANTHROPIC_API_KEY.

    Writes report.html, tests.html, report.json, transcript.jsonl, junit.xml, report.sarif,
    code-quality.json, summary.md, table.md, badge.svg and badge.json.
    """
    with collection_paused():  # until the packs and plans are made, which stay until the end
        return run_with(given, with_file_options(words, click.get_current_context()), keyword, html)


def run_with(
    given: dict[str, Any], words: Sequence[str], keyword: str | None, html: str | None
) -> int:
    """Run what the options of a command name. Returns the exit code."""
    from harness.run import hold_output_dir, load_session

    options = read_options(given, words)
    arguments = [] if keyword is None else ["-k", keyword]
    if options.dry_run:
        return call_pytest(arguments, load_session(replace(options, out="")))
    out = Path(options.out)
    with hold_output_dir(out):
        arguments.append(f"--html={html or out / 'tests.html'}")
        session = load_session(options, may_send=True)
        session.on_planned = resume_collection
        status = call_pytest(arguments, session)
    if options.open and session.report_data is not None:
        open_page(out / "report.html")
    return status


def resume_collection() -> None:
    """Collect reference cycles again, without examining what was made until now."""
    gc.freeze()
    gc.enable()


def read_options(given: dict[str, Any], words: Sequence[str]) -> Options:
    """Return the options of a command. Raises UsageError for values that do not fit."""
    from harness.run.environment import default_target

    if not given["target"]:
        default = default_target(given["model"] or "", given["packs"])
        given["target"], given["packs"] = default
    try:
        return replace(options_from(given), command=shlex.join(["harness", *words]))
    except ValueError as error:
        raise UsageError(str(error)) from error


def open_page(path: Path) -> None:
    """Show a page in the standard browser, or say that there is none."""
    import webbrowser

    if not webbrowser.open(path.resolve().as_uri()):
        click.echo(f"no browser can be started; the report is {path}", err=True)


def call_pytest(arguments: Sequence[str], session: LiveSession) -> int:
    """Run pytest with the packs of a loaded session. Returns its exit code."""
    folders = [Path(pack.folder) for pack in session.packs.values()]
    home = root(folders)
    with isolated_environment(), quiet_failures(session.problems), warnings.catch_warnings():
        import pluggy
        import pytest

        from harness.plugin.run import LoadedSession
        from harness.plugin.terminal_reporter import ReporterSwap

        where = [*map(str, folders), f"--rootdir={home}", f"--confcutdir={home}"]
        # pytest-html's hooks are of pluggy's old style, which warns if an interruption meets them.
        warnings.simplefilter("ignore", pluggy.PluggyTeardownRaisedWarning)
        plugins = [LoadedSession(session), ReporterSwap(session)]
        status = int(pytest.main([*where, *PYTEST_ARGS, *arguments], plugins=plugins))
    for problem in [] if status == USAGE_ERROR else session.problems[session.printed :][:1]:
        click.echo(f"ERROR: {session.redact(problem)}", err=True)
    return INTERNAL_ERROR if session.problems else status


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
    before = dict(os.environ)
    for name in CLEARED_VARIABLES:
        os.environ.pop(name, None)
    os.environ[NO_AUTOLOAD] = "1"
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


@contextmanager
def quiet_failures(problems: list[str]) -> Iterator[None]:
    """Note what ends a thread. Python would print a traceback, also for what goes on in vain."""

    def note(failure: Any) -> None:
        if failure.exc_value is not None:
            problems.append(internal_error(failure.exc_value))

    before = sys.unraisablehook, threading.excepthook
    sys.unraisablehook, threading.excepthook = (lambda failure: None), note
    logger, handler = logging.getLogger("asyncio"), logging.NullHandler()
    logger.addHandler(handler)
    try:
        yield
    finally:
        logger.removeHandler(handler)
        sys.unraisablehook, threading.excepthook = before
