"""Lets pytest's plugins write tests.html and junit.xml, and outlive a full disk."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pytest

from harness.plugin.run import Run
from harness.util.errors import internal_error, noted
from harness.util.file_access import replacement

JUNIT: Final = "_pytest.junitxml"
HTML: Final = "pytest_html."


def guard(config: pytest.Config, run: Run) -> None:
    """Replace the functions that write the files when the session ends, and note their errors.

    In `harness run`, an internal error is one line, and not a traceback.
    """
    if run.guarded:
        return
    run.guarded = True
    for hook in config.hook.pytest_sessionfinish.get_hookimpls():
        module = type(hook.plugin).__module__
        if module.startswith(HTML):
            replace_function(hook, complete(hook.function, config.getoption("htmlpath"), run))
        elif module == JUNIT and hasattr(hook.plugin, "logfile"):
            replace_function(hook, whole(hook.function, hook.plugin, run))
    for hook in config.hook.pytest_internalerror.get_hookimpls() if run.is_own_command else ():
        if type(hook.plugin).__module__.startswith("_pytest."):
            replace_function(hook, lambda *arguments: True)  # pytest then prints nothing itself


def replace_function(hook: Any, function: Callable[..., Any]) -> None:
    """Replace what a plugin does for a hook; pluggy has no other way to wrap one plugin's part."""
    hook.function = function


def complete(write: Callable[..., Any], path: str, run: Run) -> Callable[..., None]:
    """Return a function that writes a file, and removes it if it could not write all of it."""

    def write_complete(*arguments: Any) -> None:
        with noted(problems_of(run), path):
            try:
                write(*arguments)
            except BaseException:
                Path(path).expanduser().unlink(missing_ok=True)
                raise

    return write_complete


def whole(write: Callable[..., Any], plugin: Any, run: Run) -> Callable[..., None]:
    """Return a function that writes to a temporary file, which takes the name at the end."""

    def write_whole(*arguments: Any) -> None:
        path = plugin.logfile
        with noted(problems_of(run), str(path)), replacement(Path(path)) as temporary:
            plugin.logfile = str(temporary)
            try:
                write(*arguments)
            finally:
                plugin.logfile = path

    return write_whole


def problems_of(run: Run) -> list[str]:
    return run.loaded.problems if run.loaded else []


class FinalStatus:
    """Notes internal errors, and sets the exit status when everything has been written."""

    def __init__(self, run: Run) -> None:
        self.run = run

    @pytest.hookimpl(trylast=True)
    def pytest_sessionstart(self, session: pytest.Session) -> None:
        if self.run.is_own_command:  # otherwise it is called when the cases are collected
            guard(session.config, self.run)

    def pytest_internalerror(self, excinfo: Any) -> None:
        if self.run.loaded:
            self.run.loaded.problems.append(internal_error(excinfo.value))
            self.run.loaded.stopped = self.run.loaded.stopped or "internal error"

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> Any:
        try:
            return (yield)
        finally:
            session.exitstatus = self.run.final_status(int(session.exitstatus))
