"""Compressed bodies are decoded as they arrive, wherever they are cut."""

from __future__ import annotations

import gzip
import zlib

import pytest

from harness.decode.http_rules import content_codings
from harness.fire.content_decoder import Decoder
from harness.fire.response_buffer import ResponseBuffer

TEXT = b'data: {"a": 1}\n\n' * 20
RAW = zlib.compressobj(wbits=-zlib.MAX_WBITS)
BODIES = {
    "gzip": ("gzip", gzip.compress(TEXT)),
    "gzip with padding": ("gzip", gzip.compress(TEXT) + b"\0\0"),
    "gzip in members": ("x-gzip", gzip.compress(TEXT[:40]) + gzip.compress(TEXT[40:])),
    "deflate": ("deflate", zlib.compress(TEXT)),
    "deflate without window": ("deflate", zlib.compress(TEXT, level=0)),
    "deflate without header": ("deflate", RAW.compress(TEXT) + RAW.flush()),
}  # fmt: skip


def receive(coding: str, *pieces: bytes) -> ResponseBuffer:
    buffer = ResponseBuffer(10_000)
    buffer.set_head(200, "HTTP/1.1", (("content-encoding", coding),))
    if all(buffer.feed(float(time), piece) for time, piece in enumerate(pieces)):
        buffer.finish()
    return buffer


def body(buffer: ResponseBuffer) -> bytes:
    return b"".join(piece for _, piece in buffer.chunks())


@pytest.mark.parametrize("size", [1, 2, 3, 10_000])
@pytest.mark.parametrize("name", BODIES)
def test_a_body_is_decoded_however_it_is_cut(name: str, size: int) -> None:
    coding, data = BODIES[name]
    buffer = receive(coding, *(data[at : at + size] for at in range(0, len(data), size)))
    assert (body(buffer), buffer.end) == (TEXT, "complete")


def test_flushed_events_keep_their_times() -> None:
    compressor = zlib.compressobj(wbits=zlib.MAX_WBITS | 16)
    pieces = [compressor.compress(b"event") + compressor.flush(zlib.Z_SYNC_FLUSH) for _ in range(3)]
    buffer = receive("gzip", *pieces, compressor.flush())
    assert buffer.chunks() == ((0.0, b"event"), (1.0, b"event"), (2.0, b"event"))


@pytest.mark.parametrize("coding", ["gzip", "deflate"])
@pytest.mark.parametrize("size", [1, 100])
def test_a_plain_body_under_the_name_of_a_coding_is_kept_as_it_came(coding: str, size: int) -> None:
    plain = b'{"id": "chatcmpl-1", "object": "chat.completion"}'
    buffer = receive(coding, *(plain[at : at + size] for at in range(0, len(plain), size)))
    assert buffer.end == "malformed"
    assert buffer.note.startswith(f"content-encoding is {coding}, but the body is not: it begins")
    assert plain.startswith(body(buffer))


def test_the_place_where_a_body_breaks_is_named() -> None:
    compressor = zlib.compressobj(wbits=zlib.MAX_WBITS | 16)
    good = compressor.compress(b"event") + compressor.flush(zlib.Z_SYNC_FLUSH)
    buffer = receive("gzip", good, b"\xff" * 50)
    assert (buffer.end, buffer.note) == ("malformed", "the body stops being gzip after 5 bytes")
    assert body(buffer) == b"event"


@pytest.mark.parametrize("data", [b"\x1f", gzip.compress(TEXT)[:-3]], ids=["start", "most"])
def test_a_body_that_ends_too_early_is_malformed(data: bytes) -> None:
    assert receive("gzip", data).end == "malformed"


def test_no_body_at_all_is_complete() -> None:
    assert receive("gzip").end == "complete"


def test_a_decompressed_body_has_the_size_limit_of_a_plain_one() -> None:
    buffer = receive("gzip", gzip.compress(b"\0" * 1_000_000))
    assert (buffer.end, buffer.size) == ("too-large", 10_001)


def test_the_memory_for_undecided_bytes_is_bounded() -> None:
    header = b"\x1f\x8b\x08\x08" + b"\0" * 6 + b"n" * 100_000  # a gzip name without an end
    decoder = Decoder("gzip")
    assert list(decoder.feed(header, 10)) == []
    assert len(decoder.raw) == 1024


@pytest.mark.parametrize(
    "values", [("gzip", "BR"), ("gzip , br",), ("identity", "gzip,,br"), ("gzip, identity, br",)]
)
def test_several_fields_and_a_list_name_the_same_codings(values: tuple[str, ...]) -> None:
    assert content_codings(tuple(("Content-Encoding", value) for value in values)) == ["gzip", "br"]
