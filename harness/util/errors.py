"""Why we stop. A target's fault is never an exception: it is a finding.

HarnessError
 +-- UsageError        wrong option, unknown id, bad file        exit 4
 |    +-- FileProblems every mistake in the files, at once
 +-- Unreachable       nothing could be learnt from the target   exit 4
"""

from __future__ import annotations

from collections.abc import Sequence

from harness.model import Place


class HarnessError(Exception):
    """The base of everything that stops us; the message is one line for a person."""

    exit_code = 4


class UsageError(HarnessError):
    """The caller asked for something that is not there or cannot be."""


class Unreachable(HarnessError):
    """No connection, a refused key or an unknown model: nothing could be learnt."""


class FileProblems(UsageError):
    """All mistakes found in the files, each with its place and what to do."""

    def __init__(self, problems: Sequence[tuple[Place, str]]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(f"{place}: {text}" for place, text in self.problems))
