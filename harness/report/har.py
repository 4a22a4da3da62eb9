"""HAR 1.2 files of exchanges, which the network panel of a browser opens.

http://www.softwareishard.com/blog/har-12-spec/. Every attempt is an entry. `_pieces` lists when the
chunks of a response arrived: milliseconds since the request, and bytes. Names that begin with an
underscore are extensions, which readers ignore if they do not know them.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

from harness.model import Attempt, Exchange, Pairs

UNKNOWN: Final = -1  # HAR's value for an unknown size or time
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)  # if the transcript has no time
HarObject = dict[str, Any]  # an object of the HAR format


def to_har(started: str, version: str, exchanges: Iterable[Exchange]) -> dict[str, Any]:
    """Builds a HAR log.

    Args:
        started: When the run began, ISO 8601.
        version: The version of the harness.
        exchanges: The redacted exchanges of the run.
    """
    start = parse_time(started)
    log_entries = [one for exchange in exchanges for one in attempt_entries(exchange, start)]
    log_entries.sort(key=lambda one: str(one["startedDateTime"]))
    creator = {"name": "llm-gateway-conformance", "version": version}
    return {"log": {"version": "1.2", "creator": creator, "pages": [], "entries": log_entries}}


def parse_time(text: str) -> datetime:
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        return EPOCH
    return time if time.tzinfo else time.replace(tzinfo=UTC)


def attempt_entries(exchange: Exchange, start: datetime) -> Iterator[HarObject]:
    """One entry for each attempt. Only the response of the last attempt is recorded."""
    *before, last = exchange.attempts or (None,)
    for attempt in before:
        assert attempt is not None
        yield entry(exchange, attempt, start, lost_response(attempt), (attempt.seconds, 0.0))
    if last is not None:
        first = exchange.chunks[0][0] if exchange.chunks else last.seconds
        waited = min(max(first, 0.0), last.seconds)
        times = (waited, last.seconds - waited)
        pieces = [[milliseconds(at), len(chunk)] for at, chunk in exchange.chunks]
        yield {**entry(exchange, last, start, response(exchange), times), "_pieces": pieces}


def entry(
    exchange: Exchange,
    attempt: Attempt,
    start: datetime,
    answer: HarObject,
    times: tuple[float, float],
) -> HarObject:
    """`times`: seconds until the first byte of the body, and from there to the end."""
    started = start + timedelta(seconds=attempt.started)
    wait, receive = map(milliseconds, times)
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


def request(exchange: Exchange) -> HarObject:
    body = exchange.request_body
    content_types = [
        value for name, value in exchange.request_headers if name.lower() == "content-type"
    ]
    posted = {"mimeType": content_types[0] if content_types else "", "text": body}
    return {
        "method": exchange.method,
        "url": exchange.url,
        "httpVersion": exchange.http_version or "HTTP/1.1",
        "cookies": [],
        "headers": name_value_pairs(exchange.request_headers),
        "queryString": name_value_pairs(
            parse_qsl(urlsplit(exchange.url).query, keep_blank_values=True)
        ),
        **({"postData": posted} if body else {}),
        "headersSize": UNKNOWN,
        "bodySize": len(body.encode("utf-8", "surrogatepass")),
    }


def response(exchange: Exchange) -> HarObject:
    """A response; without a status it is 0, as in browsers, and `_error` has the reason."""
    body = exchange.body
    content_types = [value for name, value in exchange.headers if name.lower() == "content-type"]
    locations = [value for name, value in exchange.headers if name.lower() == "location"]
    error = exchange.note or ("" if exchange.end == "complete" else exchange.end)
    return {
        **base_response(exchange.status, exchange.http_version),
        "headers": name_value_pairs(exchange.headers),
        "content": {
            "size": len(body),
            "mimeType": content_types[0] if content_types else "",
            **content_text(body),
        },
        "redirectURL": locations[0] if locations else "",
        "bodySize": len(body),
        **({"_error": error} if error else {}),
    }


def lost_response(attempt: Attempt) -> HarObject:
    """The response of an attempt that was not the last: only its status is recorded."""
    error = attempt.note or attempt.end
    return {**base_response(attempt.status, ""), "_error": error, "comment": "sent again"}


def base_response(status: int | None, version: str) -> HarObject:
    standard = status in HTTPStatus.__members__.values()
    return {
        "status": status or 0,
        "statusText": HTTPStatus(status).phrase if status and standard else "",
        "httpVersion": version or "HTTP/1.1",
        "cookies": [],
        "headers": [],
        "content": {"size": 0, "mimeType": ""},
        "redirectURL": "",
        "headersSize": UNKNOWN,
        "bodySize": UNKNOWN,
    }


def content_text(body: bytes) -> Mapping[str, str]:
    try:
        return {"text": body.decode("utf-8")}
    except UnicodeDecodeError:
        return {"text": base64.b64encode(body).decode("ascii"), "encoding": "base64"}


def name_value_pairs(pairs: Iterable[tuple[str, str]] | Pairs) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in pairs]


def milliseconds(seconds: float) -> float:
    return round(seconds * 1000, 3)
