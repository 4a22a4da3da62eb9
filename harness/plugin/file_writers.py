"""Lets pytest's own plugins write report.html and junit.xml whole, and outlive a full disk."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pytest

from harness.plugin.run import Run
from harness.util.errors import internal_error, noted
from harness.util.file_access import replacement

# The attribute with the path of the file, by the beginning of the plugin's module.
PATHS: Final = {"pytest_html.": "_report_path", "_pytest.junitxml": "logfile"}


def guard(config: pytest.Config, run: Run) -> None:
    """Replace the functions that write the files when the session ends, and note their errors.

    In `harness run`, an internal error is one line, and not a traceback.
    """
    if run.guarded:
        return
    run.guarded = True
    for hook in config.hook.pytest_sessionfinish.get_hookimpls():
        module = type(hook.plugin).__module__
        attribute = next((PATHS[name] for name in PATHS if module.startswith(name)), "")
        if attribute and hasattr(hook.plugin, attribute):
            replace_function(hook, whole(hook.function, hook.plugin, attribute, run))
    for hook in config.hook.pytest_internalerror.get_hookimpls() if run.is_own_command else ():
        if type(hook.plugin).__module__.startswith("_pytest."):
            replace_function(hook, lambda *arguments: True)  # pytest then prints nothing itself


def replace_function(hook: Any, function: Callable[..., Any]) -> None:
    """Replace what a plugin does for a hook; pluggy has no other way to wrap one plugin's part."""
    hook.function = function


def whole(write: Callable[..., Any], plugin: Any, attribute: str, run: Run) -> Callable[..., None]:
    """Return a function that writes to a temporary file, which takes the name at the end."""

    def write_whole(*arguments: Any) -> None:
        path = getattr(plugin, attribute)
        problems = run.loaded.problems if run.loaded else []
        with noted(problems, str(path)), replacement(Path(path)) as temporary:
            setattr(plugin, attribute, type(path)(temporary))
            try:
                write(*arguments)
            finally:
                setattr(plugin, attribute, path)

    return write_whole


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
