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
    """Return the footer.

    Args:
        judged: The judged cases, by name.
        earlier: The requests of the run that this one continues.
        faulty: The cases that the harness failed to judge.
    """
    end: dict[str, Json] = {"finished": facts.now(), "requests": earlier, "reason": stopped}
    end |= {"unjudged": [], "peers": {}, "unexpected": [*unexpected]}
    end |= {"faulty": [*faulty]} if faulty else {}
    if sender is None:
        return end
    health = sender.engine.runner.health
    unjudged = [name for name in sender.scheduler.order if name not in judged]
    reason = stopped or sender.budget.over or ("the run ended early" if unjudged else "")
    return {
        **end,
        "requests": earlier + sender.engine.requests,
        "reason": reason,
        "unjudged": unjudged,
        "peers": sender.transport.peers,
        "transport": transport_data(
            health.requests, health.dropped, health.closed_idle, health.recovered
        ),
    }
