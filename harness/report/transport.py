"""How many requests were dropped in a run, which is a fact of the run and not of any case."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, TypedDict

from harness.model import Json
from harness.report.text import plural

# The largest share of dropped requests that is not a fault of the target's transport.
MAX_DROPPED: Final = 0.05
MIN_REQUESTS: Final = 20  # of fewer, a share says nothing


class TransportData(TypedDict):
    """How many requests were dropped, apart from those that were meant to fail.

    `closed_idle` counts those on a connection that the target had kept open. They are not among
    `dropped`, whose share decides whether it is a `fault` of the target's transport.
    """

    requests: int
    dropped: int
    closed_idle: int
    fault: bool


def transport_data(requests: int, dropped: int, closed_idle: int) -> TransportData:
    """Return how many requests were dropped, and whether that is a fault of the target."""
    is_fault = requests >= MIN_REQUESTS and dropped > MAX_DROPPED * requests
    return {
        "requests": requests,
        "dropped": dropped,
        "closed_idle": closed_idle,
        "fault": is_fault,
    }


def transport_sentences(end: Mapping[str, Json]) -> list[str]:
    """Return the sentence about dropped requests; none if none was dropped."""
    data = end.get("transport", {})
    dropped, idle = int(data.get("dropped", 0)), int(data.get("closed_idle", 0))
    if not dropped + idle:
        return []
    requests = plural(int(data.get("requests", 0)), "request")
    text = f"{dropped + idle} of {requests} were dropped and sent again"
    if idle:
        text += f" ({idle} on connections kept open)"
    if data.get("fault"):
        text += f"; more than {MAX_DROPPED:.0%} is a fault of the target's transport"
    return [text]
