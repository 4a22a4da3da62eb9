"""One run from start to end."""

from __future__ import annotations

from harness.model.options import Options
from harness.run.facts import resolved
from harness.run.live_session import LiveSession
from harness.run.outputs import hold_output_dir
from harness.run.repeated_case import CaseResult
from harness.run.session import Session, run_cases
from harness.util.garbage import collection_paused

__all__ = [
    "CaseResult",
    "LiveSession",
    "Options",
    "Session",
    "hold_output_dir",
    "load_session",
    "resolved",
    "run_cases",
]


def load_session(options: Options, may_send: bool = False) -> LiveSession:
    """Return a session that has read its files. Raises UsageError, FileProblems."""
    session = LiveSession(options, may_send)
    with collection_paused():
        session.load()
    return session
