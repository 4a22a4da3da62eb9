"""Bodies in which no key can be found, since they are compressed in a way that is not decoded.

A reader of a report could decode them. So only their start and a digest of them are recorded.
"""

from __future__ import annotations

import codecs
import hashlib
from dataclasses import replace
from typing import Final

from harness.decode.http_rules import DECODED, content_codings
from harness.model import Exchange, Pairs

START: Final = 16  # bytes that are kept: the header of a compressed format, and no key
MAGIC: Final = (
    *(b"\x1f\x8b", b"\x1f\x9d", b"\x28\xb5\x2f\xfd", b"\xfd7zXZ", b"BZh", b"\x04\x22\x4d\x18"),
    *(b"PK\x03\x04", b"7z\xbc\xaf", b"x\x01", b"x\x5e", b"x\x9c", b"x\xda"),
)
# Control characters that texts do not have. Each 9th byte of compressed data is one.
CONTROLS: Final = bytes({*range(1, 32), 127} - {*b"\t\n\r\f\x1b"})
STEP: Final = 1024 * 1024  # bytes that are decoded at once
MIN_SHARE: Final = 1 / 32


def is_opaque(body: bytes, headers: Pairs) -> bool:
    """Return whether a body is not a text, and is compressed or resembles compressed data."""
    if is_utf8(body):
        return False
    codings = content_codings(headers)
    is_coded = bool(codings) and not (len(codings) == 1 and codings[0] in DECODED)
    controls = len(body) - len(body.translate(None, CONTROLS))
    return is_coded or body.startswith(MAGIC) or controls >= len(body) * MIN_SHARE


def is_utf8(body: bytes) -> bool:
    """Return whether a body is UTF-8, which can be cut within its last character."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for at in range(0, len(body), STEP):
            decoder.decode(body[at : at + STEP])
    except UnicodeDecodeError:
        return False
    return True


def without_opaque_body(exchange: Exchange) -> Exchange:
    """Return the exchange with the start and the digest of a body in which no key can be found."""
    body = exchange.body
    if not is_opaque(body, exchange.headers):
        return exchange
    time = exchange.chunks[0][0]
    note = f"the body is not a text; only the digest of its {len(body)} bytes is recorded"
    return replace(
        exchange,
        chunks=((time, body[:START]),),
        digest=exchange.digest or f"sha256:{hashlib.sha256(body).hexdigest()}",
        note="; ".join(filter(None, (exchange.note, note))),
    )
