"""How many requests were dropped or failed once, which is a fact of the run and of no case."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NotRequired, TypedDict

from harness.model import Json
from harness.report.text import plural

# The largest share of dropped requests that is not a fault of the target's transport.
MAX_DROPPED: Final = 0.05
MIN_REQUESTS: Final = 20  # of fewer, a share says nothing


class TransportData(TypedDict):
    """How many requests were dropped or failed once, apart from those that were meant to fail.

    `closed_idle` counts those on a connection that the target had kept open. They are not among
    `dropped`. `recovered` counts those with a server error first and another answer when they were
    sent again. The share of dropped and recovered requests decides whether it is a `fault`.
    """

    requests: int
    dropped: int
    closed_idle: int
    recovered: NotRequired[int]
    fault: bool


def transport_data(
    requests: int, dropped: int, closed_idle: int, recovered: int = 0
) -> TransportData:
    """Return how many requests were dropped, and whether that is a fault of the target."""
    is_fault = requests >= MIN_REQUESTS and dropped + recovered > MAX_DROPPED * requests
    return {
        "requests": requests,
        "dropped": dropped,
        "closed_idle": closed_idle,
        "recovered": recovered,
        "fault": is_fault,
    }


def transport_sentences(end: Mapping[str, Json]) -> list[str]:
    """Return the sentence about requests that were dropped or failed once; none without any."""
    data = end.get("transport", {})
    dropped, idle = int(data.get("dropped", 0)), int(data.get("closed_idle", 0))
    recovered = int(data.get("recovered", 0))
    requests = plural(int(data.get("requests", 0)), "request")
    parts = []
    if dropped + idle:
        kept = f" ({idle} on connections kept open)" if idle else ""
        parts.append(f"{dropped + idle} of {requests} were dropped and sent again{kept}")
    if recovered:
        parts.append(
            f"{recovered} of {requests} got a server error (5xx), and another answer when they "
            f"were sent again"
        )
    if data.get("fault"):
        parts.append(f"more than {MAX_DROPPED:.0%} is a fault of the target's transport")
    return ["; ".join(parts)] if parts else []
