"""What an SDK asked and got -> its part of a case's page, each request as any other. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from harness.report.curl import curl
from harness.report.pretty import pretty
from harness.report.text import plural, visible
from harness.util import strict_json

CLIENT = "CLIENT"
MOST = 6
Data = dict[str, Any]


def split(text: str) -> tuple[str, str, list[Data]]:
    """What the SDK made of it, and a note on what is cut; the requests and answers on the wire."""
    said = strict_json.parse(text).value
    if not isinstance(said, dict) or not isinstance(said.get("wire"), list):
        return *pretty(text), []
    rest = {key: value for key, value in said.items() if key != "wire" and value != []}
    return *pretty(json.dumps(rest, ensure_ascii=False)), capped([*map(one, said["wire"])])


def capped(wire: list[Data]) -> list[Data]:
    """The first ones and the last."""
    left_out = len(wire) - MOST
    if left_out <= 0:
        return wire
    note = f"{plural(left_out, 'request')} before this one left out; all are in transcript.jsonl"
    return [*wire[: MOST - 1], {**wire[-1], "gap": note}]


def one(entry: Mapping[str, Any]) -> Data:
    request, answer = entry["request"], entry["answer"]
    sent, got = body(request), body(answer)
    headers = list(request["headers"].items())
    url = request["url"]
    return {
        "at": entry["at"],
        "request": {
            "method": request["method"],
            "url": visible(url),
            "headers": pairs(headers),
            **dict(zip(("body", "note"), pretty(sent), strict=True)),
        },
        "answer": {
            "status": answer["status"],
            "end": answer.get("end", "complete"),
            "http_version": "HTTP",
            "headers": pairs(answer.get("headers", {}).items()),
            **dict(zip(("body", "note"), pretty(got), strict=True)),
            "events": [],
            "seconds": entry["seconds"],
            "attempts": 1,
            "said": visible(answer.get("note", "")),
        },
        "curl": visible(curl(request["method"], url, headers, sent)),
    }


def pairs(headers: Iterable[tuple[str, str]]) -> list[list[str]]:
    return [[visible(name), visible(value)] for name, value in headers]


def body(side: Mapping[str, Any]) -> str:
    if "body" in side:
        return json.dumps(side["body"], ensure_ascii=False)
    return "\n".join(side["lines"]) if "lines" in side else str(side.get("text", ""))
