"""The header of a transcript, without secrets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from harness.fire.redaction.exchange import ExchangeRedactor
from harness.fire.redaction.secrets import redact_url
from harness.model import Pack, Plan, Target
from harness.util.serialization import to_json

# Parts of a pack that the plans are built from; the header has the plans.
OMITTED: Final[Mapping[str, Any]] = {
    **{key: {} for key in ("base", "modes", "define", "panel", "headers", "other_protocols")},
    "folder": "",
    "cases": (),
}


def transcript_header(
    target: Target, packs: Mapping[str, Pack], plans: Sequence[Plan], redactor: ExchangeRedactor
) -> dict[str, Any]:
    """Return what is needed to judge the run again."""
    stored = to_json(target)
    for name, endpoint in stored["endpoints"].items():
        endpoint["base_url"] = redactor.text(redact_url(endpoint["base_url"]))
        endpoint["headers"] = redactor.request_headers(target.endpoints[name].headers)
    return {
        "target": stored,
        "packs": [to_json(replace(pack, **OMITTED)) for pack in packs.values()],
        "plans": [resolved(plan) for plan in plans],
    }


def resolved(plan: Plan) -> Any:
    """Return a plan as the transcript stores it: each assertion has its place."""
    return to_json(replace(plan, case=replace(plan.case, places={})))
