"""Only the start and a digest of a body in which no key can be found are recorded."""

from __future__ import annotations

import bz2
import gzip
import hashlib
import json
import lzma
import zlib
from dataclasses import replace

import pytest

from harness.fire.redaction.exchange import ExchangeRedactor
from harness.model import Attempt, Exchange, Pairs, Target

KEY = "sk-opaque-9081726354"
REDACTOR = ExchangeRedactor({"caller": KEY}, Target("t", {}, ()))
TEXT = json.dumps({"choices": [{"message": {"content": f"your key is {KEY}"}}]}).encode()


def raw_deflate(data: bytes) -> bytes:
    compressor = zlib.compressobj(wbits=-15)
    return compressor.compress(data) + compressor.flush()


def redacted(body: bytes, *headers: tuple[str, str]) -> Exchange:
    pieces = tuple((float(at), body[at : at + 100]) for at in range(0, len(body), 100))
    attempts = (Attempt(0.0, 0.0, "complete"),)
    exchange = Exchange(
        "s", "POST", "http://h", (), "{}", "complete", 200, "", headers, pieces, attempts
    )
    return REDACTOR.exchange(exchange)


OPAQUE: dict[str, tuple[bytes, Pairs]] = {
    "gzip that is not declared": (gzip.compress(TEXT), ()),
    "zlib that is not declared": (zlib.compress(TEXT), ()),
    "deflate that is not declared": (raw_deflate(TEXT * 9), ()),
    "bzip2": (bz2.compress(TEXT), ()),
    "xz": (lzma.compress(TEXT), ()),
    "a coding that is not decoded": (raw_deflate(TEXT), (("content-encoding", "br"),)),
    "an unknown coding": (zlib.compress(TEXT)[2:], (("content-encoding", "x-own"),)),
    "two codings": (gzip.compress(gzip.compress(TEXT)), (("content-encoding", "gzip, gzip"),)),
    "gzip within gzip": (gzip.compress(TEXT), (("content-encoding", "gzip"),)),
    "no compression in the coding": (zlib.compress(TEXT, 0), (("content-encoding", "zstd"),)),
}


@pytest.mark.parametrize(("body", "headers"), OPAQUE.values(), ids=OPAQUE)
def test_body_that_is_not_decoded_is_recorded_as_its_digest(body: bytes, headers: Pairs) -> None:
    exchange = redacted(body, *headers)
    assert exchange.body == body[:16]
    assert len(exchange.chunks) == 1
    assert exchange.digest == f"sha256:{hashlib.sha256(body).hexdigest()}"
    assert exchange.note == (
        f"the body is not a text; only the digest of its {len(body)} bytes is recorded"
    )


TEXTS = {
    "a text with a coding": (TEXT, (("content-encoding", "br"),)),
    "a text in Latin-1": ("é and ü; ".encode("latin-1") * 20, ()),
    "UTF-16": ("é, ü and 0123456789".encode("utf-16"), ()),
    "a decoded text in Latin-1": (b'{"a": "\xe9"}', (("content-encoding", "gzip"),)),
    "a character that is cut": (b"[1, \xc3", ()),
    "nothing": (b"", (("content-encoding", "br"),)),
}


@pytest.mark.parametrize(("body", "headers"), TEXTS.values(), ids=TEXTS)
def test_text_is_recorded_without_the_key_whatever_its_coding(body: bytes, headers: Pairs) -> None:
    exchange = redacted(body, *headers)
    assert exchange.body == body.replace(KEY.encode(), b"[key:caller]")
    assert (exchange.digest, exchange.note) == ("", "")


def test_digest_of_a_body_that_is_too_large_is_kept() -> None:
    """It is that of the whole body, of which only the start is here."""
    sent = replace(redacted(b""), chunks=((0.0, gzip.compress(TEXT)),), digest="sha256:whole")
    assert REDACTOR.exchange(sent).digest == "sha256:whole"
