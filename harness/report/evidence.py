"""Plan, exchanges -> what was sent and what came back, short enough to show. May not judge."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from itertools import accumulate
from typing import Any

from harness.model import Exchange, Plan, Shot
from harness.report import by_sdk
from harness.report.curl import curl
from harness.report.pretty import BODY, pretty
from harness.report.text import cut, plural, visible

TAIL = 3
HEADERS = 60
BLANK = re.compile(rb"(?>\r\n|\n|\r){2,}")
FAILING = 6
COMPARING = ("differential", "upstream")
Evidence = dict[str, Any]


def evidence(
    plan: Plan, exchanges: Mapping[str, Exchange], entry: Mapping[str, Any] | None = None
) -> dict[str, Evidence]:
    """By shot id; with the case's `entry` only what its page shows, else every shot that ran."""
    wanted = None if entry is None else {*shown(entry)}
    return {
        shot.id: one(shot, exchanges[shot.id])
        for shot in plan.shots
        if shot.id in exchanges and (wanted is None or shot.id in wanted)
    }


def shown(entry: Mapping[str, Any]) -> list[str]:
    """What failed, the first shot of each mode, and what a broken comparison compared with."""
    own = [shot for shot in entry["shots"] if not shot["control"]]
    broken = [s["id"] for s in entry["shots"] if s["outcome"] not in ("pass", "skip")]
    compared = any(not f["holds"] and f["grade"] in COMPARING for f in entry["findings"])
    controls = [shot for shot in entry["shots"] if shot["control"] and compared]
    chosen = [*broken[:FAILING], *first_of_modes(own), *first_of_modes(controls)]
    return list(dict.fromkeys(chosen))


def first_of_modes(shots: Iterable[Mapping[str, Any]]) -> list[str]:
    first: dict[str, str] = {}
    for shot in shots:
        first.setdefault(shot["mode"], shot["id"])
    return list(first.values())


def one(shot: Shot, exchange: Exchange) -> Evidence:
    body, note = pretty(exchange.request_body)
    sent = exchange.method, exchange.url, exchange.request_headers, exchange.request_body
    told = answer(exchange)
    wire: list[Evidence] = []
    if exchange.method == by_sdk.CLIENT:
        told["body"], told["note"], wire = by_sdk.split(exchange.body.decode("utf-8", "replace"))
    return {
        "label": shot.label or shot.tag,
        "mode": shot.mode,
        "step": shot.step,
        "request": {
            "method": exchange.method,
            "url": visible(exchange.url),
            "headers": pairs(exchange.request_headers),
            "body": body,
            "note": note,
        },
        "answer": told,
        "curl": "" if exchange.method == by_sdk.CLIENT else visible(curl(*sent)),
        "wire": wire,
        "forwarded": behind(exchange),
    }


def behind(exchange: Exchange) -> list[Evidence] | None:
    """What reached the provider; None where nobody stood behind the gateway to see it."""
    if exchange.forwarded is None:
        return None
    seen = []
    for each in exchange.forwarded:
        body, note = pretty(each.body)
        line = f"{each.method} {visible(each.path)}"
        told = {"line": line, "status": each.status, "headers": pairs(each.headers)}
        seen.append({**told, "body": body, "note": note})
    return seen


def answer(exchange: Exchange) -> Evidence:
    events = list(arrivals(exchange)) if is_stream(exchange) else []
    body, note = ("", "") if events else pretty(exchange.body.decode("utf-8", "replace"))
    kept, gap = capped(events)
    return {
        "status": exchange.status,
        "end": exchange.end,
        "http_version": visible(exchange.http_version),
        "headers": pairs(exchange.headers),
        "body": body,
        "events": kept,
        "note": gap or note,
        "seconds": round(exchange.seconds, 3),
        "attempts": len(exchange.attempts),
        "said": visible(exchange.note),
    }


def pairs(headers: tuple[tuple[str, str], ...]) -> list[list[str]]:
    return [[visible(name), visible(cut(value))] for name, value in headers[:HEADERS]]


def is_stream(exchange: Exchange) -> bool:
    kinds = [value for name, value in exchange.headers if name.lower() == "content-type"]
    return any(value.strip().lower().startswith("text/event-stream") for value in kinds)


def arrivals(exchange: Exchange) -> Iterator[list[Any]]:
    """[seconds, text] for each block of the stream, as it was on the wire, when its end came."""
    data, start = exchange.body, 0
    ends = [*accumulate(len(piece) for _, piece in exchange.chunks)]
    for stop in (*(match.end() for match in BLANK.finditer(data)), len(data)):
        block = visible(data[start:stop].decode("utf-8", "replace")).strip("\n")
        if block:
            yield [round(exchange.chunks[bisect_left(ends, stop)][0], 3), block]
        start = stop


def capped(events: list[list[Any]]) -> tuple[list[list[Any]], str]:
    """The beginning and the end of a long stream."""
    events = [[at, text if len(text) <= BODY else f"{text[:BODY]}…"] for at, text in events]
    room, first = BODY, 0
    while first < len(events) and room > 0:
        room -= len(events[first][1])
        first += 1
    left_out = len(events) - first - TAIL
    if left_out <= 0:
        return events, ""
    note = f"{plural(left_out, 'event')} between these left out here; all are in transcript.jsonl"
    return [*events[:first], [None, note], *events[-TAIL:]], note
