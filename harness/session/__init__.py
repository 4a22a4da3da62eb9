"""The journey of a run: what is asked for, the first call, load to judge. Knows no rule."""

from __future__ import annotations

from harness.session.begin import open_session
from harness.session.folder import writable
from harness.session.heading import resolved
from harness.session.journey import Session, now
from harness.session.opening import Options

__all__ = ["Options", "Session", "now", "open_session", "resolved", "writable"]
