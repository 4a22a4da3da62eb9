"""Limits of a response, base URLs, certificates, and the errors of a connection."""

from __future__ import annotations

import gzip
import ssl

import httpx
import pytest

from harness.fire import response_buffer, urls
from harness.fire.connection import classify_error, error_message
from harness.fire.response_buffer import ResponseBuffer
from harness.model import Endpoint, Target
from harness.util.errors import UsageError


def target(url: str, builtin: bool = False) -> Target:
    return Target("t", {"openai": Endpoint("openai", url)}, (), builtin=builtin)


def test_pieces_beyond_the_limit_are_joined(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(response_buffer, "MAX_PIECES", 3)
    response = ResponseBuffer(100)
    for number in range(10):
        assert response.feed(float(number), bytes([number]))
    assert response.chunks() == (
        *((float(n), bytes([n])) for n in range(3)),
        (9.0, bytes(range(3, 10))),
    )


def test_size_limit_is_exact_however_the_body_is_cut() -> None:
    for cut in range(1, 12):
        response = ResponseBuffer(10)
        accepted = [response.feed(0.0, b"abcdefghijkl"[at : at + cut]) for at in range(0, 12, cut)]
        assert False in accepted
        first = accepted.index(False)
        assert b"".join(piece for _, piece in response.chunks())[:11] == b"abcdefghijk"
        assert response.end == "too-large"
        assert first * cut <= 11


def test_compressed_body_may_arrive_byte_by_byte() -> None:
    response = ResponseBuffer(100)
    response.set_head(200, "HTTP/1.1", (("Content-Encoding", "GZIP"),))
    for byte in gzip.compress(b"hello") + gzip.compress(b" you"):
        assert response.feed(0.0, bytes([byte]))
    response.finish()
    assert response.end == "complete"
    assert b"".join(piece for _, piece in response.chunks()) == b"hello you"


def test_compressed_body_may_be_empty() -> None:
    response = ResponseBuffer(100)
    response.set_head(204, "HTTP/1.1", (("content-encoding", "gzip"),))
    response.finish()
    assert (response.end, response.chunks()) == ("complete", ())


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("http://h\x01", "is not a base URL: Invalid non-printable ASCII character"),
        ("ftp://host/v1", "write http://HOST:PORT/v1"),
        ("http:///v1", "write http://HOST:PORT/v1"),
        ("http://host:99999/v1", "port 99999 does not exist"),
        ("http://host:0/v1", "port 0 does not exist"),
        ("http://me:secret@host/v1", "the URL of host must not contain a user or password"),
    ],
)
def test_invalid_base_url_is_rejected(url: str, message: str) -> None:
    with pytest.raises(UsageError) as error:
        urls.check_base_urls(target(url))
    assert message in str(error.value)
    assert "secret" not in str(error.value)


def test_certificates_are_loaded_only_if_needed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SSL_CERT_DIR", "/nowhere")
    monkeypatch.setenv("SSL_CERT_FILE", "/nowhere/file")
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    assert (
        urls.ssl_context(target("http://h/v1"), urls.DEFAULT_TRUST).cert_store_stats()["x509"] == 0
    )
    monkeypatch.setenv("HTTPS_PROXY", "https://proxy:1")
    assert (
        urls.ssl_context(
            target("http://h/v1", builtin=True), urls.DEFAULT_TRUST
        ).cert_store_stats()["x509"]
        == 0
    )
    with pytest.raises(UsageError, match="cannot use SSL_CERT_FILE=/nowhere/file: No such file"):
        urls.ssl_context(target("http://h/v1"), urls.DEFAULT_TRUST)
    with pytest.raises(UsageError):
        urls.ssl_context(target("https://h/v1"), urls.DEFAULT_TRUST)


@pytest.mark.parametrize(
    ("error", "end"),
    [
        (httpx.ConnectError("x"), "unreachable"),
        (httpx.ConnectTimeout("x"), "unreachable"),
        (httpx.ProxyError("407"), "unreachable"),
        (httpx.ReadTimeout("x"), "timeout"),
        (httpx.LocalProtocolError("x"), "not-sent"),
        (httpx.UnsupportedProtocol("x"), "not-sent"),
        (httpx.RemoteProtocolError("Server disconnected without sending a response."), "dropped"),
        (httpx.RemoteProtocolError("peer closed connection without sending"), "dropped"),
        (httpx.RemoteProtocolError("illegal status line: Server disconnected"), "malformed"),
        (httpx.ReadError("x"), "dropped"),
        (httpx.WriteError("x"), "dropped"),
        (httpx.InvalidURL("x"), "malformed"),
    ],
)
def test_errors_of_httpx_are_classified(error: Exception, end: str) -> None:
    assert classify_error(error) == end


def test_message_of_the_operating_system_is_reported() -> None:
    outer = httpx.ConnectError("All connection attempts failed")
    outer.__cause__ = OSError(111, "Connect call failed ('127.0.0.1', 1)")
    assert error_message(outer) == "Connection refused"
    secure = httpx.ConnectError("x")
    secure.__context__ = ssl.SSLError(1, "[SSL: BAD] bad")
    assert error_message(secure) == "[SSL: BAD] bad"
    assert error_message(httpx.ConnectTimeout("")) == "no connection in time"
    assert error_message(httpx.ReadError("as it says")) == "as it says"
