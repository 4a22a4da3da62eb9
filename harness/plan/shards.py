"""Divides plans into shards that send about the same number of requests.

A control that several cases share is sent by every part that needs it, and counted there.
"""

from __future__ import annotations

from collections.abc import Sequence

from harness.model import Plan


def shards(plans: Sequence[Plan], parts: int) -> list[list[Plan]]:
    """The largest first, each to the part that then has least to send."""
    sent: list[set[str]] = [set() for _ in range(parts)]
    chosen: list[list[int]] = [[] for _ in range(parts)]
    shots = [{shot.id for shot in plan.shots} for plan in plans]
    for number in sorted(range(len(plans)), key=lambda n: -len(shots[n])):
        best = min(
            range(parts), key=lambda part: (len(sent[part] | shots[number]), len(chosen[part]))
        )
        sent[best] |= shots[number]
        chosen[best].append(number)
    return [[plans[number] for number in sorted(part)] for part in chosen]
