"""HAR 1.2 files of exchanges, which the network panel of a browser opens.

http://www.softwareishard.com/blog/har-12-spec/. Every attempt is an entry, once if several cases
share it. `_pieces` lists when the chunks of a response arrived: milliseconds since the request, and
bytes. Names that begin with an underscore are extensions, which readers ignore if they do not know
them.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from itertools import islice
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

from harness.model import Attempt, Exchange, Json, Pairs
from harness.util.printable import printable_json

UNKNOWN: Final = -1  # HAR's value for an unknown size or time
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)  # if the transcript has no time
HarObject = dict[str, Any]  # an object of the HAR format


class HarText:
    """The text of a HAR log in parts: an entry each, in the order of their beginnings.

    Args:
        started: ISO 8601.
        version: That of the harness.
        exchanges: Those of a transcript, by any name; each is read twice.

    Attributes:
        places: When each attempt began, the name of its exchange, and which attempt it is.
    """

    def __init__(self, started: str, version: str, exchanges: Mapping[str, Exchange]) -> None:
        self.start, self.version, self.exchanges = parse_time(started), version, exchanges
        places = (
            (begin(self.start, attempt), name, number)
            for name, exchange in exchanges.items()
            if not exchange.same_as
            for number, attempt in enumerate(exchange.attempts)
        )
        self.places = sorted(places, key=lambda place: place[0])

    def __iter__(self) -> Iterator[str]:
        separator = "\n"
        creator = {"name": "llm-gateway-conformance", "version": self.version}
        log = {"log": {"version": "1.2", "creator": creator, "pages": [], "entries": []}}
        before, key, after = text_of(log).partition('"entries": [')
        yield before + key
        for _, name, number in self.places:
            entries = attempt_entries(self.exchanges[name], self.start)
            yield separator + text_of(next(islice(entries, number, None)))
            separator = ",\n"
        yield after


def text_of(data: Json) -> str:
    return printable_json(json.dumps(data, ensure_ascii=False, indent=1))


def begin(start: datetime, attempt: Attempt) -> str:
    """Return when an attempt began, as HAR has it."""
    return (start + timedelta(seconds=attempt.started)).isoformat(timespec="milliseconds")


def parse_time(text: str) -> datetime:
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        return EPOCH
    return time if time.tzinfo else time.replace(tzinfo=UTC)


def attempt_entries(exchange: Exchange, start: datetime) -> Iterator[HarObject]:
    """One entry for each attempt. Only the response of the last attempt is recorded."""
    for attempt in exchange.attempts[:-1]:
        lost = {**base_response(attempt.status), "_error": attempt.note or attempt.end}
        lost["comment"] = "sent again"
        yield entry(exchange, attempt, start, lost, attempt.seconds)
    for last in exchange.attempts[-1:]:
        first = exchange.chunks[0][0] if exchange.chunks else last.seconds
        waited = min(max(first, 0.0), last.seconds)
        pieces = [[milliseconds(at), len(chunk)] for at, chunk in exchange.chunks]
        yield {**entry(exchange, last, start, response(exchange), waited), "_pieces": pieces}


def entry(
    exchange: Exchange, attempt: Attempt, start: datetime, answer: HarObject, waited: float
) -> HarObject:
    """`waited`: seconds until the first byte of the body."""
    wait, receive = milliseconds(waited), milliseconds(attempt.seconds - waited)
    unknown = dict.fromkeys(("blocked", "dns", "connect", "ssl"), UNKNOWN)
    return {
        "startedDateTime": begin(start, attempt),
        "time": wait + receive,
        "request": request(exchange),
        "response": answer,
        "cache": {},
        "timings": {**unknown, "send": 0, "wait": wait, "receive": receive},
        "comment": exchange.shot,
        "_resourceType": "fetch",
        "_reused": attempt.reused,
    }


def request(exchange: Exchange) -> HarObject:
    body, headers = exchange.request_body, exchange.request_headers
    posted = {"mimeType": first_header(headers, "content-type"), "text": body}
    query = parse_qsl(urlsplit(exchange.url).query, keep_blank_values=True)
    return {
        "method": exchange.method,
        "url": exchange.url,
        "httpVersion": exchange.http_version or "HTTP/1.1",
        "cookies": [],
        "headers": name_value_pairs(headers),
        "queryString": name_value_pairs(query),
        **({"postData": posted} if body else {}),
        "headersSize": UNKNOWN,
        "bodySize": len(body.encode("utf-8", "surrogatepass")),
    }


def response(exchange: Exchange) -> HarObject:
    """A response; without a status it is 0, as in browsers, and `_error` has the reason."""
    body = exchange.body
    mime_type = first_header(exchange.headers, "content-type")
    error = exchange.note or ("" if exchange.end == "complete" else exchange.end)
    return {
        **base_response(exchange.status, exchange.http_version),
        "headers": name_value_pairs(exchange.headers),
        "content": {"size": len(body), "mimeType": mime_type, **content_text(body)},
        "redirectURL": first_header(exchange.headers, "location"),
        "bodySize": len(body),
        **({"_error": error} if error else {}),
    }


def base_response(status: int | None, version: str = "") -> HarObject:
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


def first_header(headers: Pairs, name: str) -> str:
    return next((value for key, value in headers if key.lower() == name), "")


def content_text(body: bytes) -> Mapping[str, str]:
    try:
        return {"text": body.decode("utf-8")}
    except UnicodeDecodeError:
        return {"text": base64.b64encode(body).decode("ascii"), "encoding": "base64"}


def name_value_pairs(pairs: Iterable[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in pairs]


def milliseconds(seconds: float) -> float:
    return round(seconds * 1000, 3)
