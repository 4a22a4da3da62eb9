"""Variants that spell HTTP and JSON in other ways that their standards permit."""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Mapping
from typing import Any

from harness.testbed.base import Variant
from harness.testbed.gateway.endpoint import ENCODER, header_values
from harness.testbed.gateway.gateway import Overrides
from harness.testbed.http_server.reply_format import Spelling
from harness.testbed.variants.wire import Pairs, changes_content_type, finish

Reply = dict[str, Any]
Compressor = Callable[[], Any]
GZIP_BITS = zlib.MAX_WBITS | 16
EARLY_HINTS = "HTTP/1.1 103 Early Hints\r\nlink: </a>; rel=preload\r\n\r\n"
CONTINUE = "HTTP/1.1 100 Continue\r\n\r\n"
ESCAPED = re.compile(r"[^ -~]|/")


def spelled(variant: str, description: str, **options: Any) -> Variant:
    """Returns a variant that writes all its replies in one spelling."""
    spelling = Spelling(**options)
    return Variant(variant, description, finish(lambda reply: {**reply, "spelling": spelling}))


def without_length(reply: Reply) -> Reply:
    """Ends every reply by closing the connection, as HTTP/1.0 servers do."""
    spelling = Spelling(status_line="HTTP/1.0 {status} {phrase}")
    return {**reply, "framing": "close", "end": "close", "spelling": spelling}


# RFC 9112
HTTP_SPELLINGS = (
    spelled("http.no-phrase", "sends no reason phrase", status_line="HTTP/1.1 {status} "),
    spelled("http.phrase", "sends a reason phrase of its own", status_line="HTTP/1.1 {status} Ok!"),
    spelled("http.blanks", "sends blanks around the values of headers",
            header="{name}: \t {value} \t"),
    spelled("http.no-blanks", "sends no blank before the values of headers",
            header="{name}:{value}"),
    spelled("http.chunk-extensions", "sends chunk extensions, leading zeros and upper-case sizes",
            chunk_size='00{size:X};name=value;quoted="a;b"'),
    spelled("http.trailers", "sends trailers after a chunked body",
            end="000\r\nserver-timing: total;dur=1\r\nX-Checksum: a\r\n\r\n"),
    spelled("http.early-hints", "sends answers with status 100 and 103 before the final one",
            interim=CONTINUE + EARLY_HINTS),
    Variant("http.stream-length", "sends a stream with its length, as it is complete",
            finish(lambda reply: {**reply, "framing": "length", "spelling": Spelling()})),
    Variant("http.one-zero", "answers with HTTP/1.0", finish(without_length)),
)  # fmt: skip

DATE = "Wed, 21 Oct 2037 07:28:00 GMT"


def one_field_each(original: Callable[..., Pairs], *args: Any) -> Pairs:
    """Sends every item of a list in a header field of its own."""
    return [(name, item) for name, value in original(*args) for item in value.split(",")]


def with_retry_date(original: Callable[..., Reply], *args: Any) -> Reply:
    """Replaces the seconds of retry-after by a date."""
    reply = original(*args)
    pairs = [(name, DATE if name == "retry-after" else value) for name, value in reply["headers"]]
    return {**reply, "headers": pairs}


# RFC 9110
TYPES = (
    Variant("headers.lists", "sends each item of a list in a field of its own",
            {"anthropic.cors_headers": one_field_each}),
    Variant("headers.retry-date", "sends a date in retry-after", {"refuse": with_retry_date}),
    Variant("http.type-case", "writes media types in mixed case",
            changes_content_type(lambda kind: kind.title().replace("Json", "JSON"))),
    Variant("http.type-quoted", "quotes the charset and puts blanks around the semicolon",
            changes_content_type(lambda kind: f'{kind} ;  Charset="UTF-8"')),
    Variant("http.type-parameters", "adds other parameters to media types",
            changes_content_type(lambda kind: f'{kind}; profile="a;b=c"; q=1')),
)  # fmt: skip


def compresses(coding: str, compressor: Compressor) -> Overrides:
    """Compresses a reply if the client accepts it; a stream is flushed after each piece."""

    def respond(original: Callable[..., Reply], request: Mapping[str, Any], *args: Any) -> Reply:
        reply = original(request, *args)
        accepted = ",".join(header_values(request["headers"], "accept-encoding"))
        return compress(reply, coding, compressor()) if coding in accepted else reply

    return {"both.respond": respond}


def compress(reply: Reply, coding: str, compressor: Any) -> Reply:
    """Returns the reply with a compressed body of as many pieces."""
    flushed = [
        compressor.compress(piece) + compressor.flush(zlib.Z_SYNC_FLUSH)
        for piece in reply["chunks"][:-1]
    ]
    last = [compressor.compress(reply["chunks"][-1]) + compressor.flush()]
    headers = [*reply["headers"], ("content-encoding", coding), ("vary", "accept-encoding")]
    return {**reply, "headers": headers, "chunks": [*flushed, *last]}


CODINGS = (
    Variant("http.gzip", "compresses with gzip if the client accepts it",
            compresses("gzip", lambda: zlib.compressobj(wbits=GZIP_BITS))),
    Variant("http.deflate", "compresses with deflate if the client accepts it",
            compresses("deflate", zlib.compressobj)),
    Variant("http.deflate-raw", "compresses with deflate without a header if the client accepts it",
            compresses("deflate", lambda: zlib.compressobj(wbits=-zlib.MAX_WBITS))),
    Variant("http.identity", "names the coding identity",
            finish(lambda reply: {**reply, "headers": [*reply["headers"],
                                                       ("content-encoding", "identity")]})),
)  # fmt: skip


def escape(text: str) -> str:
    """Escapes every character outside ASCII and every slash, with upper-case digits."""

    def escape_one(match: re.Match[str]) -> str:
        units = match[0].encode("utf-16-be")
        codes = (units[at : at + 2].hex().upper() for at in range(0, len(units), 2))
        return r"\/" if match[0] == "/" else "".join(rf"\u{code}" for code in codes)

    return ESCAPED.sub(escape_one, text)


def replace_numbers(value: Any, replace: Callable[[int], Any]) -> Any:
    """Replaces the whole numbers in a value. JSON Schema treats 1.0 as an integer."""
    if isinstance(value, dict):
        return {key: replace_numbers(each, replace) for key, each in value.items()}
    if isinstance(value, list):
        return [replace_numbers(each, replace) for each in value]
    return replace(value) if isinstance(value, int) and not isinstance(value, bool) else value


def with_exponents(data: Any) -> str:
    marked = ENCODER.encode(replace_numbers(data, lambda number: f"\0{number}"))
    return re.sub(r'"\\u0000(-?\d+)"', r"\g<1>e0", marked)


def encodes(encode: Callable[[Any], str]) -> Overrides:
    return {"both.dumps": lambda original, data: encode(data).encode("utf-8", "surrogatepass")}


# RFC 8259
JSON_SPELLINGS = (
    Variant("json.escapes", "escapes slashes and all characters outside ASCII, in upper case",
            encodes(lambda data: escape(ENCODER.encode(data)))),
    Variant("json.reversed", "sends the keys of objects in another order",
            encodes(lambda data: ENCODER.encode(dict(reversed(data.items()))))),
    Variant("json.floats", "writes whole numbers as 1.0",
            encodes(lambda data: ENCODER.encode(replace_numbers(data, float)))),
    Variant("json.exponents", "writes whole numbers as 1e0", encodes(with_exponents)),
)  # fmt: skip

SPELLINGS = (*HTTP_SPELLINGS, *TYPES, *CODINGS, *JSON_SPELLINGS)
