"""Target, packs, plans -> what a transcript begins with. May not hold a secret."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from harness.fire.secrets import hidden_url
from harness.fire.veil import Veil
from harness.model import Pack, Plan, Target


def heading(
    target: Target, packs: Mapping[str, Pack], plans: Sequence[Plan], veil: Veil
) -> dict[str, Any]:
    """Enough to judge the run again."""
    shown = dataclasses.asdict(target)
    for front in shown["fronts"].values():
        front["base_url"] = veil.text(hidden_url(front["base_url"]))
        front["headers"] = veil.sent(front["headers"])
    return {
        "target": shown,
        "packs": [{"id": p.id, "version": p.version, "digest": p.digest} for p in packs.values()],
        "plans": [resolved(plan) for plan in plans],
    }


def resolved(plan: Plan) -> Any:
    """A plan as the transcript keeps it: every place that matters stands with its demand."""
    return plain(replace(plan, case=replace(plan.case, places={})))


def plain(value: Any) -> Any:
    """Nouns as dicts, without the copies of their data that dataclasses.asdict makes."""
    if type(value) is tuple:
        return [plain(item) for item in value]
    fields = getattr(value, "__slots__", None)
    return {name: plain(getattr(value, name)) for name in fields} if fields else value
