"""Errors that stop a command. A fault of the target is a finding and never raises one of them.

HarnessError
 +-- UsageError        wrong option, unknown name, bad file               exit 4
 |    +-- FileProblems every mistake in the files, at once
 +-- Unreachable       the target cannot be tested at all                 exit 4
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from harness.model import Place

MAX_PROBLEMS: Final = 99  # that a message lists


class HarnessError(Exception):
    """Base class; the message is written for users."""

    exit_code = 4


class UsageError(HarnessError):
    """An option, a name or a file is wrong."""


class Unreachable(HarnessError):
    """There is no connection, or the target refuses the key or does not know the model."""


class FileProblems(UsageError):
    """All mistakes in some files, each with its place and what to do about it."""

    def __init__(self, problems: Sequence[tuple[Place, str]]) -> None:
        self.problems = tuple(problems)
        lines = [f"{place}: {message}" for place, message in self.problems[:MAX_PROBLEMS]]
        if (more := len(self.problems) - MAX_PROBLEMS) > 0:
            lines.append(f"and {more} more problems")
        super().__init__("\n".join(lines))


@contextmanager
def file_errors(action: str, path: str | Path) -> Iterator[None]:
    """Raise UsageError for an OSError: `cannot read report.json: No such file or directory`."""
    try:
        yield
    except OSError as error:
        raise UsageError(f"cannot {action} {path}: {error.strerror}") from error
