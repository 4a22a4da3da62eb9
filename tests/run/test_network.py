"""Proxies and certificates: what httpx users set is what the harness does."""

from __future__ import annotations

import asyncio
import hashlib
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import trustme

from harness.run import transcript
from harness.testbed.http_server.connection import Connection
from tests.support import pack_on_disk


def proxy(asked: list[str]) -> pack_on_disk.Respond:
    """A forward proxy with the right gateway behind it, for whatever host."""
    right = pack_on_disk.good()

    def respond(request: Mapping[str, Any]) -> pack_on_disk.Reply:
        asked.append(request["path"])
        path = "/v1" + str(request["path"]).partition("/v1")[2]
        return right({**request, "path": path})

    return respond


@pytest.mark.parametrize("name", ["HTTP_PROXY", "http_proxy", "ALL_PROXY"])
def test_requests_go_through_the_proxy(
    tiny_pack: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    asked: list[str] = []
    with pack_on_disk.gateway(proxy(asked)) as url:
        monkeypatch.setenv(name, url.removesuffix("/v1"))
        assert pack_on_disk.at("http://gateway.invalid/v1", tiny_pack).code == 0
    assert set(asked) == {"http://gateway.invalid/v1/chat/completions"}


def test_no_proxy_is_heeded(tiny_pack: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    with pack_on_disk.gateway(proxy(asked)) as other, pack_on_disk.gateway() as url:
        monkeypatch.setenv("HTTP_PROXY", other.removesuffix("/v1"))
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        assert pack_on_disk.at(url, tiny_pack).code == 0
    assert asked == []


def test_the_builtin_gateway_needs_no_proxy(
    tiny_pack: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    assert pack_on_disk.run(tiny_pack).code == 0


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ("http://127.0.0.1:1", "cannot reach http://gateway.invalid/v1: Connection refused"),
        ("gopher://p:1", "invalid proxy variables: Unknown scheme for proxy URL"),
        ("http://p:x/", "invalid proxy variables: Invalid port: 'x'"),
    ],
)
def test_a_proxy_that_is_none_is_one_line(
    tiny_pack: Path, monkeypatch: pytest.MonkeyPatch, value: str, says: str
) -> None:
    monkeypatch.setenv("ALL_PROXY", value)
    said = pack_on_disk.at("http://gateway.invalid/v1", tiny_pack)
    assert (said.code, len(said.lines)) == (4, 1)
    assert says in said.lines[0]


def test_a_name_that_nobody_has_is_one_line(tiny_pack: Path) -> None:
    said = pack_on_disk.at("http://gateway.invalid/v1", tiny_pack)
    assert (said.code, len(said.lines)) == (4, 1)
    assert said.lines[0].startswith("ERROR: cannot reach http://gateway.invalid/v1: ")


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@contextmanager
def secure(authority: trustme.CA, name: str = "127.0.0.1") -> Iterator[str]:
    """The right gateway behind TLS, with a certificate for `name`."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(context)
    ready, loop, stop = threading.Event(), asyncio.new_event_loop(), asyncio.Event()
    ports: list[int] = []
    respond, tasks = pack_on_disk.good(), set[asyncio.Task[None]]()

    def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        tasks.add(asyncio.ensure_future(Connection(respond, 10**6, reader, writer).serve()))

    async def serve() -> None:
        server = await asyncio.start_server(connected, "127.0.0.1", 0, ssl=context)
        ports.append(server.sockets[0].getsockname()[1])
        ready.set()
        await stop.wait()
        server.close()
        await asyncio.gather(*tasks, return_exceptions=True)

    def run() -> None:
        loop.run_until_complete(serve())
        loop.close()

    thread = threading.Thread(target=run)
    thread.start()
    assert ready.wait(10)
    try:
        yield f"https://127.0.0.1:{ports[0]}/v1"
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(20)


def test_an_authority_of_ones_own_is_trusted_when_it_is_named(
    tiny_pack: Path, monkeypatch: pytest.MonkeyPatch, authority: trustme.CA
) -> None:
    authority.cert_pem.write_to_path("ca.pem")
    monkeypatch.setenv("SSL_CERT_FILE", "ca.pem")
    with secure(authority) as url:
        said = pack_on_disk.at(url, tiny_pack)
    assert (said.code, said.err) == (0, "")


def test_an_unknown_authority_is_one_line_that_helps(
    tiny_pack: Path, monkeypatch: pytest.MonkeyPatch, authority: trustme.CA
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    with secure(authority) as url:
        said = pack_on_disk.at(url, tiny_pack)
    assert (said.code, len(said.lines)) == (4, 1)
    assert said.lines[0].startswith(f"ERROR: cannot reach {url}: [SSL: CERTIFICATE_VERIFY_FAILED]")
    assert said.lines[0].endswith("SSL_CERT_FILE names the file of an authority of your own")


def test_a_certificate_of_another_name_is_one_line(
    tiny_pack: Path, monkeypatch: pytest.MonkeyPatch, authority: trustme.CA
) -> None:
    authority.cert_pem.write_to_path("ca.pem")
    monkeypatch.setenv("SSL_CERT_FILE", "ca.pem")
    with secure(authority, "else.example") as url:
        said = pack_on_disk.at(url, tiny_pack)
    assert (said.code, len(said.lines)) == (4, 1)
    assert "IP address mismatch" in said.lines[0]


@pytest.mark.parametrize(("name", "text"), [("SSL_CERT_FILE", None), ("SSL_CERT_FILE", "no cert")])
def test_a_certificate_file_that_is_none_is_one_line(
    tiny_pack: Path, monkeypatch: pytest.MonkeyPatch, name: str, text: str | None
) -> None:
    if text:
        Path("ca.pem").write_text(text, "utf-8")
    monkeypatch.setenv(name, "ca.pem")
    said = pack_on_disk.at("https://127.0.0.1:1/v1", tiny_pack)
    assert (said.code, len(said.lines)) == (4, 1)
    assert said.lines[0].startswith("ERROR: cannot use SSL_CERT_FILE=ca.pem: ")


def test_speaking_plainly_to_a_secure_port_is_a_finding(
    tiny_pack: Path, authority: trustme.CA
) -> None:
    with secure(authority) as url:
        said = pack_on_disk.at(url.replace("https", "http"), tiny_pack)
    assert said.code == 1
    assert set(pack_on_disk.outcomes(tiny_pack.parent / "out").values()) == {"fail"}


def test_the_transcript_knows_the_certificate_that_was_shown(
    tiny_pack: Path, monkeypatch: pytest.MonkeyPatch, authority: trustme.CA
) -> None:
    """In its header that of the first call, in its footer all; without TLS there is none."""
    authority.cert_pem.write_to_path("ca.pem")
    monkeypatch.setenv("SSL_CERT_FILE", "ca.pem")
    with secure(authority) as url:
        host, port = url.removeprefix("https://").removesuffix("/v1").split(":")
        shown = ssl.PEM_cert_to_DER_cert(ssl.get_server_certificate((host, int(port))))
        assert pack_on_disk.at(url, tiny_pack).code == 0
    header, _, footer = transcript.read(tiny_pack.parent / "out" / "transcript.jsonl")
    expected = {f"https://{host}:{port}": [f"sha256:{hashlib.sha256(shown).hexdigest()}"]}
    assert footer is not None
    assert (header["peers"], footer["peers"]) == (expected, expected)
    assert pack_on_disk.run(tiny_pack).code == 0
    header, _, footer = transcript.read(tiny_pack.parent / "out" / "transcript.jsonl")
    assert footer is not None
    assert (header["peers"], footer["peers"]) == ({}, {})


def test_a_nonce_goes_with_every_request_and_into_the_transcript(tiny_pack: Path) -> None:
    assert pack_on_disk.run(tiny_pack, "--nonce", "verifier-2026.11").code == 0
    header, exchanges, _ = transcript.read(tiny_pack.parent / "out" / "transcript.jsonl")
    pair = ("x-conformance-nonce", "verifier-2026.11")
    assert [*pair] in [[*each] for each in header["target"]["endpoints"]["openai"]["headers"]]
    assert exchanges
    assert all(pair in exchange.request_headers for exchange in exchanges)


@pytest.mark.parametrize("nonce", ["short", "white space", "sk-0123456789abcdefgh", "a" * 129])
def test_a_nonce_that_is_none_is_one_line(tiny_pack: Path, nonce: str) -> None:
    said = pack_on_disk.run(tiny_pack, "--nonce", nonce)
    assert (said.code, len(said.lines)) == (4, 1)
    assert "--nonce" in said.lines[0]
