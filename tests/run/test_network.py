"""Proxy and certificate variables have their usual effect."""

from __future__ import annotations

import asyncio
import hashlib
import os
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import trustme

from harness.certify import load_run_folder, make_statement
from harness.report.rendering import environment
from harness.run import transcript
from harness.testbed.http_server.connection import Connection
from tests.support import pack_on_disk


def proxy(paths: list[str]) -> pack_on_disk.Respond:
    """Returns a forward proxy that sends every request to the reference gateway."""
    right = pack_on_disk.correct_gateway()

    def respond(request: Mapping[str, Any]) -> pack_on_disk.Reply:
        paths.append(request["path"])
        path = "/v1" + str(request["path"]).partition("/v1")[2]
        return right({**request, "path": path})

    return respond


@pytest.mark.parametrize("name", ["HTTP_PROXY", "http_proxy", "ALL_PROXY"])
def test_requests_go_through_the_proxy(
    tiny_pack: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    paths: list[str] = []
    with pack_on_disk.gateway(proxy(paths)) as url:
        monkeypatch.setenv(name, url.removesuffix("/v1"))
        assert pack_on_disk.run_against("http://gateway.invalid/v1", tiny_pack).code == 0
    assert set(paths) == {"http://gateway.invalid/v1/chat/completions"}


def test_no_proxy_variable_is_respected(tiny_pack: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    paths: list[str] = []
    with pack_on_disk.gateway(proxy(paths)) as other, pack_on_disk.gateway() as url:
        monkeypatch.setenv("HTTP_PROXY", other.removesuffix("/v1"))
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        assert pack_on_disk.run_against(url, tiny_pack).code == 0
    assert paths == []


def test_reference_gateway_needs_no_proxy(tiny_pack: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    assert pack_on_disk.run(tiny_pack).code == 0


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("http://127.0.0.1:1", "cannot reach http://gateway.invalid/v1: Connection refused"),
        ("gopher://p:1", "invalid proxy variables: Unknown scheme for proxy URL"),
        ("http://p:x/", "invalid proxy variables: Invalid port: 'x'"),
    ],
)
def test_invalid_proxy_is_reported_in_one_line(
    tiny_pack: Path, monkeypatch: pytest.MonkeyPatch, value: str, message: str
) -> None:
    monkeypatch.setenv("ALL_PROXY", value)
    result = pack_on_disk.run_against("http://gateway.invalid/v1", tiny_pack)
    assert (result.code, len(result.lines)) == (4, 1)
    assert message in result.lines[0]


def test_unknown_host_is_reported_in_one_line(tiny_pack: Path) -> None:
    result = pack_on_disk.run_against("http://gateway.invalid/v1", tiny_pack)
    assert (result.code, len(result.lines)) == (4, 1)
    assert result.lines[0].startswith("ERROR: cannot reach http://gateway.invalid/v1: ")


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@contextmanager
def tls_gateway(authority: trustme.CA, name: str = "127.0.0.1") -> Iterator[str]:
    """Runs the reference gateway behind TLS, with a certificate for `name`."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(context)
    ready, loop, stop = threading.Event(), asyncio.new_event_loop(), asyncio.Event()
    ports: list[int] = []
    respond, tasks = pack_on_disk.correct_gateway(), set[asyncio.Task[None]]()

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        tasks.add(asyncio.ensure_future(Connection(respond, 10**6, reader, writer).serve()))

    async def serve() -> None:
        server = await asyncio.start_server(accept, "127.0.0.1", 0, ssl=context)
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


def test_own_certificate_authority_is_trusted_if_named(
    tiny_pack: Path, monkeypatch: pytest.MonkeyPatch, authority: trustme.CA
) -> None:
    authority.cert_pem.write_to_path("ca.pem")
    monkeypatch.setenv("SSL_CERT_FILE", "ca.pem")
    with tls_gateway(authority) as url:
        result = pack_on_disk.run_against(url, tiny_pack)
    assert (result.code, result.err) == (0, "")


def test_unknown_certificate_authority_is_reported_with_a_hint(
    tiny_pack: Path, monkeypatch: pytest.MonkeyPatch, authority: trustme.CA
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    with tls_gateway(authority) as url:
        result = pack_on_disk.run_against(url, tiny_pack)
    assert (result.code, len(result.lines)) == (4, 1)
    assert result.lines[0].startswith(
        f"ERROR: cannot reach {url}: [SSL: CERTIFICATE_VERIFY_FAILED]"
    )
    assert result.lines[0].endswith("; --ca FILE trusts a private certificate authority")


def test_authority_of_the_option_is_trusted(tiny_pack: Path, authority: trustme.CA) -> None:
    authority.cert_pem.write_to_path("ca.pem")
    with tls_gateway(authority) as url:
        result = pack_on_disk.run_against(url, tiny_pack, "--ca", "ca.pem")
    assert (result.code, result.err) == (0, "")


def test_insecure_run_accepts_any_certificate_and_records_its_digest(
    tiny_pack: Path, authority: trustme.CA
) -> None:
    with tls_gateway(authority, "else.example") as url:
        result = pack_on_disk.run_against(url, tiny_pack, "--insecure")
    assert (result.code, result.err) == (0, "")
    header, _, _ = transcript.read(tiny_pack.parent / "out" / "transcript.jsonl")
    [digests] = header["peers"].values()
    assert len(digests) == 1
    report = pack_on_disk.read_report(tiny_pack.parent / "out")
    assert report["command"].endswith(" --insecure")
    assert report["target"]["insecure"] is True


def test_insecure_run_is_marked_so_on_its_page_and_in_its_certificate(
    tiny_pack: Path, authority: trustme.CA
) -> None:
    assert pack_on_disk.harness("freeze", tiny_pack).code == 0
    with tls_gateway(authority, "else.example") as url:
        pack_on_disk.run_against(url, tiny_pack, "--insecure")
    out = tiny_pack.parent / "out"
    assert "certificates of the target were not checked" in (out / "report.html").read_text("utf-8")
    statement = make_statement(load_run_folder(out))
    assert statement["predicate"]["conformance"]["target"]["insecure"] is True
    text = (
        environment()
        .get_template("certificate.txt.jinja2")
        .render(conformance=statement["predicate"]["conformance"], packs="tiny")
    )
    assert "certificates of the target were not checked" in text


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["--ca", "gone.pem"], "ERROR: cannot use --ca gone.pem: No such file or directory"),
        (["--ca", "."], "ERROR: cannot use --ca .: Is a directory"),
        (["--ca", "no.pem"], "ERROR: cannot use --ca no.pem: it has no certificate in PEM form"),
        (["--ca", "empty"], "ERROR: cannot use --ca empty: it has no certificate in PEM form"),
        (["--ca", "pipe"], "ERROR: cannot use --ca pipe: it is not a regular file"),
        (["--ca", "no.pem", "--insecure"], "ERROR: --ca and --insecure contradict each other"),
    ],
)
def test_file_of_authorities_that_is_not_valid_is_one_line(
    tiny_pack: Path, words: list[str], line: str
) -> None:
    Path("no.pem").write_text("no certificate", "utf-8")
    Path("empty").touch()
    os.mkfifo("pipe")
    result = pack_on_disk.run_against("https://127.0.0.1:1/v1", tiny_pack, *words)
    assert (result.code, result.lines) == (4, [line])


def test_certificate_for_another_host_is_reported_in_one_line(
    tiny_pack: Path, monkeypatch: pytest.MonkeyPatch, authority: trustme.CA
) -> None:
    authority.cert_pem.write_to_path("ca.pem")
    monkeypatch.setenv("SSL_CERT_FILE", "ca.pem")
    with tls_gateway(authority, "else.example") as url:
        result = pack_on_disk.run_against(url, tiny_pack)
    assert (result.code, len(result.lines)) == (4, 1)
    assert "IP address mismatch" in result.lines[0]
    assert result.lines[0].endswith("; --insecure accepts any certificate")


def test_certificate_file_that_is_a_pipe_is_not_opened(
    tiny_pack: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    os.mkfifo("pipe")
    monkeypatch.setenv("SSL_CERT_FILE", "pipe")
    result = pack_on_disk.run_against("https://127.0.0.1:1/v1", tiny_pack)
    line = "ERROR: cannot use SSL_CERT_FILE=pipe: it is not a regular file"
    assert (result.code, result.lines) == (4, [line])


@pytest.mark.parametrize(("name", "text"), [("SSL_CERT_FILE", None), ("SSL_CERT_FILE", "no cert")])
def test_invalid_certificate_file_is_reported_in_one_line(
    tiny_pack: Path, monkeypatch: pytest.MonkeyPatch, name: str, text: str | None
) -> None:
    if text:
        Path("ca.pem").write_text(text, "utf-8")
    monkeypatch.setenv(name, "ca.pem")
    result = pack_on_disk.run_against("https://127.0.0.1:1/v1", tiny_pack)
    assert (result.code, len(result.lines)) == (4, 1)
    assert result.lines[0].startswith("ERROR: cannot use SSL_CERT_FILE=ca.pem: ")


def test_http_to_a_tls_port_is_reported_with_the_right_url(
    tiny_pack: Path, authority: trustme.CA
) -> None:
    with tls_gateway(authority) as url:
        result = pack_on_disk.run_against(url.replace("https", "http"), tiny_pack)
    assert (result.code, len(result.lines)) == (4, 1)
    assert result.lines[0].endswith(f"try {url}")


def test_https_to_a_port_without_tls_is_reported_with_the_right_url(tiny_pack: Path) -> None:
    with pack_on_disk.gateway() as url:
        result = pack_on_disk.run_against(url.replace("http", "https"), tiny_pack)
    assert (result.code, len(result.lines)) == (4, 1)
    assert result.lines[0].endswith(f"the port does not speak TLS: try {url}")


def test_transcript_contains_the_digest_of_the_certificate(
    tiny_pack: Path, monkeypatch: pytest.MonkeyPatch, authority: trustme.CA
) -> None:
    """The header has that of the first call, the footer all. Without TLS there are none."""
    authority.cert_pem.write_to_path("ca.pem")
    monkeypatch.setenv("SSL_CERT_FILE", "ca.pem")
    with tls_gateway(authority) as url:
        host, port = url.removeprefix("https://").removesuffix("/v1").split(":")
        certificate = ssl.PEM_cert_to_DER_cert(ssl.get_server_certificate((host, int(port))))
        assert pack_on_disk.run_against(url, tiny_pack).code == 0
    header, _, footer = transcript.read(tiny_pack.parent / "out" / "transcript.jsonl")
    expected = {f"https://{host}:{port}": [f"sha256:{hashlib.sha256(certificate).hexdigest()}"]}
    assert footer is not None
    assert (header["peers"], footer["peers"]) == (expected, expected)
    assert pack_on_disk.run(tiny_pack).code == 0
    header, _, footer = transcript.read(tiny_pack.parent / "out" / "transcript.jsonl")
    assert footer is not None
    assert (header["peers"], footer["peers"]) == ({}, {})


def test_nonce_is_sent_with_every_request_and_recorded(tiny_pack: Path) -> None:
    assert pack_on_disk.run(tiny_pack, "--nonce", "verifier-2026.11").code == 0
    header, exchanges, _ = transcript.read(tiny_pack.parent / "out" / "transcript.jsonl")
    pair = ("x-conformance-nonce", "verifier-2026.11")
    assert [*pair] in [[*each] for each in header["target"]["endpoints"]["openai"]["headers"]]
    assert exchanges
    assert all(pair in exchange.request_headers for exchange in exchanges)


@pytest.mark.parametrize("nonce", ["short", "white space", "sk-0123456789abcdefgh", "a" * 129])
def test_invalid_nonce_is_reported_in_one_line(tiny_pack: Path, nonce: str) -> None:
    result = pack_on_disk.run(tiny_pack, "--nonce", nonce)
    assert (result.code, len(result.lines)) == (4, 1)
    assert "--nonce" in result.lines[0]
