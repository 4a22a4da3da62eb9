"""The footer of a transcript: how a run ended, and what its transport went through."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from harness.model import Json
from harness.report.text import plural
from harness.run import facts
from harness.run.sender import Sender

# The largest share of dropped requests that is not a fault of the target's transport.
MAX_DROPPED: Final = 0.05
MIN_REQUESTS: Final = 20  # of fewer, a share says nothing


def footer(
    sender: Sender | None,
    stopped: str,
    judged: Mapping[str, Any],
    unexpected: Sequence[str],
    earlier: int,
) -> dict[str, Json]:
    """Return the footer.

    Args:
        judged: The judged cases, by name.
        earlier: The requests of the run that this one continues.
    """
    end: dict[str, Json] = {"finished": facts.now(), "requests": earlier, "reason": stopped}
    end |= {"unjudged": [], "peers": {}, "unexpected": [*unexpected]}
    if sender is None:
        return end
    health = sender.engine.runner.health
    return {
        **end,
        "requests": earlier + sender.engine.requests,
        "reason": stopped or sender.budget.over,
        "unjudged": [name for name in sender.scheduler.order if name not in judged],
        "peers": sender.transport.peers,
        "transport": transport_data(health.requests, health.dropped, health.closed_idle),
    }


def transport_data(requests: int, dropped: int, closed_idle: int) -> dict[str, Json]:
    """Return how many requests were dropped, and whether that is a fault of the target."""
    is_fault = requests >= MIN_REQUESTS and dropped > MAX_DROPPED * requests
    counts = {"requests": requests, "dropped": dropped, "closed_idle": closed_idle}
    return {**counts, "fault": is_fault}


def transport_sentences(end: Mapping[str, Json]) -> list[str]:
    """Return the sentence about dropped requests; none if none was dropped."""
    data = end.get("transport", {})
    dropped, idle = int(data.get("dropped", 0)), int(data.get("closed_idle", 0))
    if not dropped + idle:
        return []
    requests = plural(int(data.get("requests", 0)), "request")
    text = f"{dropped + idle} of {requests} were dropped and sent again"
    if idle:
        text += f" ({idle} of them on a connection that the target had kept open)"
    if data.get("fault"):
        text += f": a fault of the target's transport, since it is more than {MAX_DROPPED:.0%}"
    return [text]
