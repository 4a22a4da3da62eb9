"""A session against a target whose files are read."""

from __future__ import annotations

from harness.model.options import Options
from harness.run.live_session import LiveSession


def load_session(options: Options, may_send: bool = False) -> LiveSession:
    """Return a session that has read its files. Raises UsageError, FileProblems."""
    session = LiveSession(options, may_send)
    session.load()
    return session
