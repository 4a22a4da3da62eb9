"""Target, packs, plans -> what a transcript begins with. May not hold a secret."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from harness.fire.redaction.exchange import ExchangeRedactor
from harness.fire.redaction.secrets import redact_url
from harness.model import Pack, Plan, Target
from harness.util.serialization import to_json

# What a pack's plans were made of; they stand there whole.
USED: Final[Mapping[str, Any]] = {
    **{key: {} for key in ("base", "modes", "define", "panel", "headers", "other_protocols")},
    "folder": "",
    "cases": (),
}


def transcript_header(
    target: Target, packs: Mapping[str, Pack], plans: Sequence[Plan], redactor: ExchangeRedactor
) -> dict[str, Any]:
    """Enough to judge the run again."""
    shown = to_json(target)
    for name, endpoint in shown["endpoints"].items():
        endpoint["base_url"] = redactor.text(redact_url(endpoint["base_url"]))
        endpoint["headers"] = redactor.request_headers(target.endpoints[name].headers)
    return {
        "target": shown,
        "packs": [to_json(replace(pack, **USED)) for pack in packs.values()],
        "plans": [resolved(plan) for plan in plans],
    }


def resolved(plan: Plan) -> Any:
    """A plan as the transcript keeps it: every place that matters stands with its demand."""
    return to_json(replace(plan, case=replace(plan.case, places={})))
