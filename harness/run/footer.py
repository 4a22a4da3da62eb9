"""The footer of a transcript: how a run ended, and what its transport went through."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from harness.model import Json
from harness.report.transport import transport_data
from harness.run import facts
from harness.run.sender import Sender


def footer(
    sender: Sender | None,
    stopped: str,
    judged: Mapping[str, Any],
    unexpected: Sequence[str],
    earlier: int,
    faulty: Sequence[str] = (),
) -> dict[str, Json]:
    """Return the footer of a run that continues one with `earlier` requests.

    `judged` are the judged cases by name, `faulty` those that the harness failed to judge.
    """
    end = facts.end_of_run(unexpected, faulty)
    if sender is None:
        return {**end, "requests": earlier, "reason": stopped, "unjudged": [], "peers": {}}
    health, order = sender.engine.runner.health, sender.scheduler.order
    unjudged = [name for name in order if name not in judged]
    left = "" if {*unjudged} <= {*faulty} else "the run ended early"
    return {
        **end,
        "requests": earlier + sender.engine.requests,
        "reason": stopped or sender.budget.over or left,
        "unjudged": unjudged,
        "peers": sender.transport.peers,
        "transport": transport_data(
            health.requests, health.dropped, health.closed_idle, health.recovered
        ),
    }
