"""The journey of a run: what is asked for, the first call, load to judge. Knows no rule."""

from __future__ import annotations

from harness.session.folder import writable
from harness.session.journey import Session, now, open_session, resolved
from harness.session.opening import Options

__all__ = ["Options", "Session", "now", "open_session", "resolved", "writable"]
