"""Builds the report data of the shots of a case."""

from __future__ import annotations

from collections.abc import Mapping

from harness.model import Exchange, Plan, ShotResult, Verdict
from harness.report.case_types import ErrorData, ShotData
from harness.report.text import shorten_value
from harness.util.error_words import MAX_READ, error_words


def shots(verdict: Verdict, plan: Plan, exchanges: Mapping[str, Exchange]) -> list[ShotData]:
    """A shot is a control if other shots are compared with it and it is not judged itself."""
    compared = {shot for assertion in plan.assertions for shot in assertion.against}
    compared |= {shot for a in plan.assertions if a.stage == "assume" for shot in a.shots}
    judged = {shot for a in plan.assertions if a.stage == "rest" for shot in a.shots}
    failed = {f.shot for f in verdict.findings if not f.holds and f.level != "may"}
    made = []
    for shot in verdict.shots:
        exchange = exchanges.get(shot.id)
        data = shot_data(shot, shot.id in compared - judged, exchange)
        if exchange and shot.id in failed and (error := answer_error(exchange)):
            data["error"] = error
        made.append(data)
    return made


def shot_data(shot: ShotResult, control: bool, exchange: Exchange | None) -> ShotData:
    data: ShotData = {
        "id": shot.id,
        "step": shot.step,
        "mode": shot.mode,
        "tag": shot.tag,
        "value": shorten_value(shot.value),
        "outcome": shot.outcome,
        "evidence": shot.evidence,
        "seconds": round(shot.seconds, 3),
        "control": control,
        "status": exchange.status if exchange else None,
    }
    if shot.refused:
        data["refused"] = True
    if shot.turn > 1:
        data["repeat"] = shot.turn
    return data


def answer_error(exchange: Exchange) -> ErrorData | None:
    """Return the error of an answer, and that of the provider; None if neither has one."""
    kind, message = "", ""
    if (exchange.status or 0) >= 400:
        start = exchange.body[: 4 * MAX_READ]
        kind, message = error_words(start.decode("utf-8", "replace"))
    provider = provider_error(exchange)
    if not (kind or message or provider):
        return None
    return {"type": kind, "message": message, "provider": provider}


def provider_error(exchange: Exchange) -> str:
    """Return `400: MESSAGE` of the last request that the provider refused, or ""."""
    for request in reversed(exchange.forwarded or ()):
        if request.status >= 400:
            return f"{request.status}: {request.refusal}".removesuffix(": ")
    return ""
