"""The requests and responses of a case that the report page shows."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, Final, NotRequired, TypedDict

from harness.model import Exchange, Plan, Shot
from harness.report.case_types import CaseData, ShotData
from harness.report.curl import curl_command
from harness.report.exchange_views import (
    ForwardedView,
    RequestView,
    ResponseView,
    forwarded_views,
    header_views,
    request_view,
    response_view,
)
from harness.report.text import format_body, plural, visible
from harness.util import strict_json

MAX_FAILED: Final = 6
MAX_SDK_REQUESTS: Final = 6
SDK: Final = "CLIENT"  # the method of an exchange that an SDK made
COMPARING = ("differential", "upstream")


class SdkRequestView(TypedDict):
    """A request that an SDK sent, `at` seconds after it was called."""

    at: float
    request: RequestView
    answer: ResponseView
    curl: str
    gap: NotRequired[str]


class ShotView(TypedDict):
    """A shot with its exchange; `wire` has the requests of an SDK."""

    label: str
    mode: str
    step: str
    request: RequestView
    answer: ResponseView
    curl: str
    wire: list[SdkRequestView]
    forwarded: list[ForwardedView] | None


def case_evidence(
    plan: Plan, exchanges: Mapping[str, Exchange], case: CaseData | None = None
) -> dict[str, ShotView]:
    """The shots that were sent, by id; with `case` only those that its page shows."""
    ids = None if case is None else {*displayed_shots(case)}
    return {
        shot.id: shot_view(shot, exchanges[shot.id])
        for shot in plan.shots
        if shot.id in exchanges and (ids is None or shot.id in ids)
    }


def displayed_shots(case: CaseData) -> list[str]:
    """Failed shots, the first shot of each mode, and the controls of a failed comparison."""
    failed = [shot["id"] for shot in case["shots"] if shot["outcome"] not in ("pass", "skip")]
    compared = any(not f["holds"] and f["grade"] in COMPARING for f in case["findings"])
    own = [shot for shot in case["shots"] if not shot["control"]]
    controls = [shot for shot in case["shots"] if shot["control"] and compared]
    chosen = [*failed[:MAX_FAILED], *first_of_each_mode(own), *first_of_each_mode(controls)]
    return list(dict.fromkeys(chosen))


def first_of_each_mode(shots: Iterable[ShotData]) -> list[str]:
    first: dict[str, str] = {}
    for shot in shots:
        first.setdefault(shot["mode"], shot["id"])
    return list(first.values())


def shot_view(shot: Shot, exchange: Exchange) -> ShotView:
    """A shot with its request, its response and what reached the provider."""
    response = response_view(exchange)
    sdk_requests: list[SdkRequestView] = []
    by_sdk = exchange.method == SDK
    if by_sdk:
        text = exchange.body.decode("utf-8", "replace")
        response["body"], response["note"], sdk_requests = sdk_views(text)
    request = (
        exchange.method,
        exchange.url,
        exchange.request_headers,
        exchange.request_body,
    )
    return {
        "label": shot.label or shot.tag,
        "mode": shot.mode,
        "step": shot.step,
        "request": request_view(*request),
        "answer": response,
        "curl": "" if by_sdk else visible(curl_command(*request)),
        "wire": sdk_requests,
        "forwarded": forwarded_views(exchange),
    }


def sdk_views(text: str) -> tuple[str, str, list[SdkRequestView]]:
    """The SDK's result, a note on what is left out of it, and the requests that it sent."""
    result = strict_json.parse(text).value
    if not isinstance(result, dict) or not isinstance(result.get("wire"), list):
        return *format_body(text), []
    views = [sdk_request_view(entry) for entry in result["wire"]]
    hidden = len(views) - MAX_SDK_REQUESTS
    if hidden > 0:
        note = f"{plural(hidden, 'request')} left out before this one; all are in transcript.jsonl"
        views = [*views[: MAX_SDK_REQUESTS - 1], {**views[-1], "gap": note}]
    shown = {key: value for key, value in result.items() if key != "wire" and value != []}
    return *format_body(json.dumps(shown, ensure_ascii=False)), views


def sdk_request_view(entry: Mapping[str, Any]) -> SdkRequestView:
    request, answer = entry["request"], entry["answer"]
    headers, body = list(request["headers"].items()), recorded_body(request)
    text, note = format_body(recorded_body(answer))
    return {
        "at": entry["at"],
        "request": request_view(request["method"], request["url"], headers, body),
        "answer": {
            "status": answer["status"],
            "end": answer.get("end", "complete"),
            "http_version": "HTTP",
            "headers": header_views(answer.get("headers", {}).items()),
            "body": text,
            "events": [],
            "note": note,
            "seconds": entry["seconds"],
            "attempts": 1,
            "said": visible(answer.get("note", "")),
        },
        "curl": visible(curl_command(request["method"], request["url"], headers, body)),
    }


def recorded_body(message: Mapping[str, Any]) -> str:
    """The body of a message as the recorder wrote it: JSON, lines of a stream, or text."""
    if "body" in message:
        return json.dumps(message["body"], ensure_ascii=False)
    return "\n".join(message["lines"]) if "lines" in message else str(message.get("text", ""))
