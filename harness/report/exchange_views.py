"""One request and its response, shortened for the report page.

In every view `note` says what is left out of the body.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import deque
from collections.abc import Iterable, Iterator
from itertools import accumulate, chain
from typing import Any, Final

from harness.model import Exchange
from harness.report.curl import curl_command
from harness.report.text import MAX_BODY, plural, shorten_body, truncate
from harness.util import media_type
from harness.util.printable import visible

LAST_EVENTS: Final = 3
MAX_HEADERS: Final = 60
BLANK_LINE: Final = re.compile(rb"(?>\r\n|\n|\r){2,}")
View = dict[str, Any]


def request_view(
    method: str, url: str, headers: Iterable[tuple[str, str]], body: str, key_variable: str = ""
) -> View:
    """A request, and the command line that repeats it; `key_variable` is for `curl_command`."""
    headers = list(headers)
    return {
        "method": method,
        "url": visible(url),
        "curl": visible(curl_command(method, url, headers, body, key_variable)),
        **message_view(headers, body),
    }


def message_view(headers: Iterable[tuple[str, str]], body: str) -> View:
    text, note = shorten_body(body)
    pairs = [[visible(name), visible(truncate(value))] for name, value in [*headers][:MAX_HEADERS]]
    return {"headers": pairs, "body": text, "note": note}


def forwarded_views(exchange: Exchange) -> list[View] | None:
    """The requests that reached the provider; None if the provider was not observed."""
    if exchange.forwarded is None:
        return None
    return [
        {
            "line": f"{request.method} {visible(request.path)}",
            "status": request.status,
            **message_view(request.headers, request.body),
        }
        for request in exchange.forwarded
    ]


def response_view(exchange: Exchange) -> View:
    """A response; an event is [seconds, text], or [None, note, number] for those left out."""
    events, gap = shorten_events(stream_events(exchange)) if is_stream(exchange) else ([], "")
    body = "" if events else exchange.body.decode("utf-8", "replace")
    view = message_view(exchange.headers, body)
    return {
        **view,
        "status": exchange.status,
        "end": exchange.end,
        "http_version": visible(exchange.http_version),
        "events": events,
        "note": gap or view["note"],
        "seconds": round(exchange.seconds, 3),
        "attempts": len(exchange.attempts),
        "same_as": visible(exchange.same_as),
        "said": visible(exchange.note),
    }


def is_stream(exchange: Exchange) -> bool:
    return media_type.first_of(exchange.headers) == media_type.EVENT_STREAM


def stream_events(exchange: Exchange) -> Iterator[list[Any]]:
    """[seconds, text] of each block of a stream; the time is when its last byte arrived."""
    data, start = exchange.body, 0
    ends = [*accumulate(len(chunk) for _, chunk in exchange.chunks)]
    stops = (match.end() for match in BLANK_LINE.finditer(data))
    for stop in chain(stops, (len(data),)):
        block = visible(data[start:stop].decode("utf-8", "replace")).strip("\n")
        if block:
            yield [round(exchange.chunks[bisect_left(ends, stop)][0], 3), block]
        start = stop


def shorten_events(events: Iterable[list[Any]]) -> tuple[list[list[Any]], str]:
    """The first and last events of a long stream, and a note on those between."""
    first: list[list[Any]] = []
    last: deque[list[Any]] = deque(maxlen=LAST_EVENTS)
    size = total = 0
    for at, text in events:
        event = [at, truncate(text, MAX_BODY + 1)]
        total += 1
        if size < MAX_BODY:
            first.append(event)
            size += len(event[1])
        else:
            last.append(event)
    hidden = total - len(first) - len(last)
    if hidden <= 0:
        return [*first, *last], ""
    note = f"{plural(hidden, 'event')} left out here; all are in transcript.jsonl"
    return [*first, [None, note, hidden], *last], note
