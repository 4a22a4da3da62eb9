"""Exchanges -> HAR 1.2, which a browser's network panel opens. May not show what is blacked out.

http://www.softwareishard.com/blog/har-12-spec/. Every attempt is an entry. What came when in a
stream stands under `_pieces`, in milliseconds since the request and bytes; names that begin with
an underscore are everybody's own, and passed over by who does not know them.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

from harness.model import Attempt, Exchange, Pairs

UNKNOWN: Final = -1  # HAR's own word for a size or a time that nobody knows
BEGAN: Final = datetime(1970, 1, 1, tzinfo=UTC)  # where a transcript does not say when
Entry = dict[str, Any]


def har(started: str, version: str, exchanges: Iterable[Exchange]) -> dict[str, Any]:
    """`started`: when the run began, ISO 8601; `version`: the harness's."""
    began = moment(started)
    made = [each for exchange in exchanges for each in entries(exchange, began)]
    made.sort(key=lambda each: str(each["startedDateTime"]))
    creator = {"name": "llm-gateway-conformance", "version": version}
    return {"log": {"version": "1.2", "creator": creator, "pages": [], "entries": made}}


def moment(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return BEGAN
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def entries(exchange: Exchange, began: datetime) -> Iterator[Entry]:
    """One for each attempt; what was never sent is none. Only the last one's answer is known."""
    *before, last = exchange.attempts or (None,)
    for attempt in before:
        assert attempt is not None
        yield entry(exchange, attempt, began, unkept(attempt), (attempt.seconds, 0.0))
    if last is not None:
        first = exchange.chunks[0][0] if exchange.chunks else last.seconds
        waited = min(max(first, 0.0), last.seconds)
        times = (waited, last.seconds - waited)
        made = entry(exchange, last, began, response(exchange), times)
        yield {**made, "_pieces": [[ms(when), len(piece)] for when, piece in exchange.chunks]}


def entry(
    exchange: Exchange,
    attempt: Attempt,
    began: datetime,
    answer: Entry,
    times: tuple[float, float],
) -> Entry:
    """`times`: seconds until the first byte of the body, and from there to the end."""
    started = began + timedelta(seconds=attempt.started)
    wait, receive = map(ms, times)
    return {
        "startedDateTime": started.isoformat(timespec="milliseconds"),
        "time": wait + receive,
        "request": request(exchange),
        "response": answer,
        "cache": {},
        "timings": {
            **dict.fromkeys(("blocked", "dns", "connect", "ssl"), UNKNOWN),
            "send": 0,
            "wait": wait,
            "receive": receive,
        },
        "comment": exchange.shot,
        "_resourceType": "fetch",
        "_reused": attempt.reused,
    }


def request(exchange: Exchange) -> Entry:
    body = exchange.request_body
    kinds = [value for name, value in exchange.request_headers if name.lower() == "content-type"]
    posted = {"mimeType": kinds[0] if kinds else "", "text": body}
    return {
        "method": exchange.method,
        "url": exchange.url,
        "httpVersion": exchange.http_version or "HTTP/1.1",
        "cookies": [],
        "headers": named(exchange.request_headers),
        "queryString": named(parse_qsl(urlsplit(exchange.url).query, keep_blank_values=True)),
        **({"postData": posted} if body else {}),
        "headersSize": UNKNOWN,
        "bodySize": len(body.encode("utf-8", "surrogatepass")),
    }


def response(exchange: Exchange) -> Entry:
    """No status is 0, as browsers have it, and `_error` says why."""
    body = exchange.body
    kinds = [value for name, value in exchange.headers if name.lower() == "content-type"]
    moved = [value for name, value in exchange.headers if name.lower() == "location"]
    said = exchange.note or ("" if exchange.end == "complete" else exchange.end)
    return {
        **bare(exchange.status, exchange.http_version),
        "headers": named(exchange.headers),
        "content": {"size": len(body), "mimeType": kinds[0] if kinds else "", **text(body)},
        "redirectURL": moved[0] if moved else "",
        "bodySize": len(body),
        **({"_error": said} if said else {}),
    }


def unkept(attempt: Attempt) -> Entry:
    """The answer of an attempt that was not the last: only its status is known."""
    said = attempt.note or attempt.end
    return {**bare(attempt.status, ""), "_error": said, "comment": "sent again"}


def bare(status: int | None, version: str) -> Entry:
    known = status in HTTPStatus.__members__.values()
    return {
        "status": status or 0,
        "statusText": HTTPStatus(status).phrase if status and known else "",
        "httpVersion": version or "HTTP/1.1",
        "cookies": [],
        "headers": [],
        "content": {"size": 0, "mimeType": ""},
        "redirectURL": "",
        "headersSize": UNKNOWN,
        "bodySize": UNKNOWN,
    }


def text(body: bytes) -> Mapping[str, str]:
    try:
        return {"text": body.decode("utf-8")}
    except UnicodeDecodeError:
        return {"text": base64.b64encode(body).decode("ascii"), "encoding": "base64"}


def named(pairs: Iterable[tuple[str, str]] | Pairs) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in pairs]


def ms(seconds: float) -> float:
    return round(seconds * 1000, 3)
