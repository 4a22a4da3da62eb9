"""Rules of HTTP that the head of an answer and its body must meet together.

Rule `http.length` is RFC 9112, section 6.2; rule `http.coding` is RFC 9110, sections 8.4 and
12.5.3.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from harness.model import Exchange, Level, Pairs, Violation

LENGTH: Final = "http.length"
CODING: Final = "http.coding"
DECODED: Final = ("gzip", "x-gzip", "deflate")  # the transport has decompressed these
GZIP_MAGIC: Final = b"\x1f\x8b"


def check_http(exchange: Exchange) -> Iterator[Violation]:
    """Yield violations. With a `must` of CODING no client can read the body."""
    values = header_list(exchange.headers, "transfer-encoding")
    if values and header_list(exchange.headers, "content-length"):
        # Node.js, for example, then refuses the whole answer.
        got = "content-length and transfer-encoding"
        yield Violation(LENGTH, "header content-length", "one length of the body", got)
    codings = content_codings(exchange.headers)
    refused = [coding for coding in codings if not is_offered(coding, exchange.request_headers)]
    if refused:
        offered = ", ".join(header_list(exchange.request_headers, "accept-encoding"))
        readable = len(codings) == 1 and codings[0] in DECODED
        expected = f"a coding of the request's accept-encoding: {offered}"
        level: Level = "should" if readable else "must"
        yield Violation(CODING, "header content-encoding", expected, ", ".join(codings), level)
    if not codings and exchange.body.startswith(GZIP_MAGIC):
        yield Violation(CODING, "header content-encoding", "gzip, as the body is", "none")


def content_codings(headers: Pairs) -> list[str]:
    """Return the codings of a body in the order in which they were applied."""
    codings = header_list(headers, "content-encoding")
    return [coding for coding in codings if coding != "identity"]  # identity means none


def header_list(headers: Pairs, name: str) -> list[str]:
    """Return the items of a list in lower case; several fields and commas mean the same."""
    values = ",".join(value for key, value in headers if key.lower() == name)
    return [item for each in values.split(",") if (item := each.strip().lower())]


def is_offered(coding: str, request_headers: Pairs) -> bool:
    """Return whether a request accepts a coding. Without accept-encoding it accepts every one."""
    items = header_list(request_headers, "accept-encoding")
    offers: dict[str, bool] = {}
    for item in items:
        name, _, weight = item.partition(";")
        zero = weight.replace(" ", "").rstrip("0") in ("q=", "q=0.")
        offers[name.strip()] = not zero
    plain = coding.removeprefix("x-")
    return not items or offers.get(coding, offers.get(plain, offers.get("*", False)))
