"""--llm-shard -> which of the selected cases this run leaves to others. May not fire."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from harness.model import Case
from harness.plan.shards import shards
from harness.plugin.options import place
from harness.session import Session


def left_out(config: Any, session: Session, cases: Sequence[Case]) -> dict[str, str]:
    """The cases that are not for this run, by name, and why."""
    shard = config.getoption("--llm-shard")
    if not shard:
        return {}
    number, of = place(shard)
    parts = shards([session.plan(case) for case in cases], of)
    return {
        plan.case.name: f"in shard {other}/{of}"
        for other, part in enumerate(parts, 1)
        for plan in part
        if other != number
    }
