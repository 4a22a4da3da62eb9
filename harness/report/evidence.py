"""The requests and responses of a case that the report page shows."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from typing import Any, Final

from harness.model import Exchange, Plan
from harness.report.case_types import CaseData, ShotData
from harness.report.exchange_views import (
    View,
    forwarded_views,
    message_view,
    request_view,
    response_view,
)
from harness.report.fields import displayed_outcome
from harness.report.text import plural, shorten_body
from harness.util import strict_json
from harness.util.printable import visible

MAX_FAILED: Final = 6
MAX_SDK_REQUESTS: Final = 6
SDK: Final = "CLIENT"  # the method of an exchange that an SDK made


def case_evidence(
    exchanges: Mapping[str, Exchange], case: CaseData, key_variable: str = ""
) -> dict[str, View]:
    """The exchanges that a case's page shows, by the ids of their shots.

    Args:
        key_variable: The environment variable of the caller's key, for curl.
    """
    return {
        shot: exchange_view(exchanges[shot], key_variable)
        for shot in displayed_shots(case)
        if shot in exchanges
    }


def displayed_shots(case: CaseData) -> list[str]:
    """Failed shots, the first shot of each mode, and the controls of comparisons."""
    failed = [s["id"] for s in case["shots"] if displayed_outcome(s) not in ("pass", "skip")]
    compared = any(
        f["grade"] == "differential" or (f["grade"] == "upstream" and not f["holds"])
        for f in case["findings"]
    )
    own = [shot for shot in case["shots"] if not shot["control"]]
    controls = [shot for shot in case["shots"] if shot["control"] and compared]
    chosen = [*failed[:MAX_FAILED], *first_of_each_mode(own), *first_of_each_mode(controls)]
    return list(dict.fromkeys(chosen))


def first_of_each_mode(shots: Iterable[ShotData]) -> list[str]:
    first: dict[str, str] = {}
    for shot in shots:
        first.setdefault(shot["mode"], shot["id"])
    return list(first.values())


def controls(plan: Plan, shown: Collection[str]) -> dict[str, str]:
    """The control that each shown shot is compared with: of its own mode, if there is one."""
    modes = {shot.id: shot.mode for shot in plan.shots}
    pairs: dict[str, str] = {}
    for assertion in plan.assertions:
        against = [shot for shot in assertion.against if shot in shown and shot in modes]
        for shot in assertion.shots if against else ():
            if shot in shown and shot not in against:
                same = (each for each in against if modes[each] == modes.get(shot))
                pairs.setdefault(shot, next(same, against[0]))
    return pairs


def exchange_view(exchange: Exchange, key_variable: str = "") -> View:
    """A request, its response and what reached the provider; `wire` has the requests of an SDK."""
    view: View = {
        "request": request_view(
            *(exchange.method, exchange.url, exchange.request_headers, exchange.request_body),
            key_variable,
        ),
        "answer": response_view(exchange),
        "wire": [],
        "forwarded": forwarded_views(exchange),
    }
    if exchange.method == SDK:
        view["request"]["curl"] = ""
        text = exchange.body.decode("utf-8", "replace")
        view["answer"]["body"], view["answer"]["note"], view["wire"] = sdk_views(text)
    return view


def sdk_views(text: str) -> tuple[str, str, list[View]]:
    """The SDK's result, a note on what is left out of it, and the requests that it sent."""
    result = strict_json.parse(text).value
    if not isinstance(result, dict) or not isinstance(result.get("wire"), list):
        return *shorten_body(text), []
    views = [sdk_request_view(entry) for entry in result["wire"]]
    hidden = len(views) - MAX_SDK_REQUESTS
    if hidden > 0:
        note = f"{plural(hidden, 'request')} left out before this one; all are in transcript.jsonl"
        views = [*views[: MAX_SDK_REQUESTS - 1], {**views[-1], "gap": note}]
    details = {key: value for key, value in result.items() if key != "wire" and value != []}
    return *shorten_body(json.dumps(details, ensure_ascii=False)), views


def sdk_request_view(entry: Mapping[str, Any]) -> View:
    """A request that an SDK sent, `at` seconds after it was called."""
    request, answer = entry["request"], entry["answer"]
    headers = request["headers"].items()
    return {
        "at": entry["at"],
        "request": request_view(request["method"], request["url"], headers, recorded_body(request)),
        "answer": {
            "status": answer["status"],
            "end": answer.get("end", "complete"),
            "http_version": "HTTP",
            "events": [],
            "said": visible(answer.get("note", "")),
            **message_view(answer.get("headers", {}).items(), recorded_body(answer)),
        },
    }


def recorded_body(message: Mapping[str, Any]) -> str:
    """The body of a message as the recorder wrote it: JSON, lines of a stream, or text."""
    if "body" in message:
        return json.dumps(message["body"], ensure_ascii=False)
    return "\n".join(message["lines"]) if "lines" in message else str(message.get("text", ""))
