"""Errors that stop a command. A fault of the target is a finding and never raises one of them.

HarnessError
 +-- UsageError        wrong option, unknown name, bad file               exit 4
 |    +-- FileProblems every mistake in the files, at once
 +-- Unreachable       the target cannot be tested at all                 exit 4
 +-- IncompleteReports a report could not be written                      exit 3
"""

from __future__ import annotations

import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from harness.model import Place
from harness.util.key_shapes import without_keys
from harness.util.printable import printable_name

MAX_PROBLEMS: Final = 99  # that a message lists
MAX_LINE: Final = 2000  # characters
INTERNAL_ERROR: Final = 3  # the exit code, as pytest has it
PACKAGE: Final = "harness"


class HarnessError(Exception):
    """Base class; the message is written for users, on one line without control characters."""

    exit_code = 4

    def __str__(self) -> str:
        return printable_name(without_keys(super().__str__()), MAX_LINE)


class UsageError(HarnessError):
    """An option, a name or a file is wrong."""


class Unreachable(HarnessError):
    """There is no connection, or the target refuses the key or does not know the model."""


class IncompleteReports(HarnessError):
    """Some of the reports could not be written."""

    exit_code = INTERNAL_ERROR


class FileProblems(UsageError):
    """All mistakes in some files, each with its place and what to do about it, on its own line."""

    def __init__(self, problems: Sequence[tuple[Place, str]]) -> None:
        self.problems = tuple(problems)
        lines = [f"{place}: {message}" for place, message in self.problems[:MAX_PROBLEMS]]
        if (more := len(self.problems) - MAX_PROBLEMS) > 0:
            lines.append(f"and {more} more problems")
        super().__init__("\n".join(printable_name(line, MAX_LINE) for line in lines))

    def __str__(self) -> str:
        return without_keys(str(self.args[0]))


def internal_error(error: BaseException) -> str:
    """Return one line about an error of the harness itself: what it is, and where it comes from."""
    if isinstance(error, MemoryError):
        return f"there is not enough memory{place_of(error)}"
    return f"internal error: {described(error)}{place_of(error)}"


def described(error: BaseException) -> str:
    return printable_name(f"{type(error).__name__}: {error}", MAX_LINE // 4)


def place_of(error: BaseException) -> str:
    """Return where an error was raised in the harness: ` (session.py:12)`."""
    places = traceback.extract_tb(error.__traceback__)
    own = [place for place in places if PACKAGE in Path(place.filename).parts] or places
    return f" ({Path(own[-1].filename).name}:{own[-1].lineno})" if own else ""


@contextmanager
def file_errors(action: str, path: str | Path) -> Iterator[None]:
    """Raise UsageError for an OSError: `cannot read report.json: No such file or directory`."""
    try:
        yield
    except OSError as error:
        raise UsageError(f"cannot {action} {path}: {error.strerror}") from error


@contextmanager
def damage(name: object) -> Iterator[None]:
    """Raise UsageError if the block fails at the data of a file that was written or edited by hand.

    Its form has been checked before; this is for contents that contradict each other.
    """
    try:
        yield
    except (HarnessError, OSError, MemoryError):
        raise
    except ValueError as error:
        raise UsageError(f"{name} is damaged: {printable_name(error, MAX_LINE // 4)}") from error
    except Exception as error:
        raise UsageError(f"{name} is damaged: {described(error)}{place_of(error)}") from error


@contextmanager
def noted(problems: list[str], what: str) -> Iterator[None]:
    """Note an error of the block among the problems; the rest of the program goes on."""
    try:
        yield
    except OSError as error:
        problems.append(f"cannot write {what}: {error.strerror or error}")
    except HarnessError as error:
        problems.append(str(error))
    except Exception as error:
        problems.append(f"cannot write {what}: {internal_error(error)}")
