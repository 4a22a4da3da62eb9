"""A dry run: the requests of a run and their cost, without sending them."""

from __future__ import annotations

from collections.abc import Iterable

from harness.model import Case
from harness.run.forecast import describe, forecast
from harness.run.live_session import LiveSession


def dry_run_lines(session: LiveSession, cases: Iterable[Case]) -> list[str]:
    """Return a line for each request, and the total cost."""
    plans = [session.plan(case) for case in cases]
    return [*describe(forecast(plans, session.target, session.repeat), session.target)]
