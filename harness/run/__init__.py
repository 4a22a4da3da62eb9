"""The journey of a run: what is asked for, the first call, load to judge. Knows no rule."""

from __future__ import annotations

from harness.run.header import resolved
from harness.run.options import Options
from harness.run.output_dir import check_output_dir
from harness.run.session import Session, now
from harness.run.start import load_session

__all__ = ["Options", "Session", "check_output_dir", "load_session", "now", "resolved"]
