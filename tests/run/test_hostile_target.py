"""Whatever a target does, the run ends with readable reports and a correct outcome."""

from __future__ import annotations

import gzip
import json
import socket
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from harness.fire.connection import Limits
from harness.model import Exchange
from harness.run import sender, transcript
from tests.support import pack_on_disk, report_html
from tests.support.raw_server import (
    CHUNKED,
    answer_with,
    closed_port,
    encode_reply,
    listen,
    parse_request,
    read_request,
)

Respond = Callable[[Mapping[str, Any]], pack_on_disk.Reply]


def gateway_with(respond_to_seed: Respond, word: bytes = b"seed") -> pack_on_disk.Respond:
    """Returns the reference gateway with another answer to requests that contain `word`."""
    reference = pack_on_disk.correct_gateway()

    def respond(request: Mapping[str, Any]) -> pack_on_disk.Reply:
        return respond_to_seed(request) if word in request["body"] else reference(request)

    return respond


def send_to_seed(answer: bytes) -> Callable[[socket.socket, int], None]:
    """Returns a handler that answers requests with `seed` by these bytes and then closes."""
    reference = pack_on_disk.correct_gateway()

    def handler(sock: socket.socket, number: int) -> None:
        while request := read_request(sock):
            if b"seed" in request:
                sock.sendall(answer)
                return
            sock.sendall(encode_reply(reference(parse_request(request))))

    return handler


def entry(pack: Path, name: str = "seed") -> dict[str, Any]:
    """Returns the case's entry in report.json; all reports must be readable."""
    out = pack.parent / "out"
    ElementTree.parse(out / "junit.xml")
    assert "<html" in (out / "report.html").read_text("utf-8")
    assert (out / "summary.md").read_text("utf-8")
    return next(case for case in pack_on_disk.read_report(out)["cases"] if case["id"] == name)


def exchanges(pack: Path) -> list[Exchange]:
    return transcript.read(pack.parent / "out/transcript.jsonl")[1]


def failed_rules(case: Mapping[str, Any]) -> set[str]:
    return {finding["rule"] for finding in case["findings"] if not finding["holds"]}


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{",
        CHUNKED + b"4\r\nda",
        b"<html>\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nx: " + b"y" * 300_000,
        b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 2\r\n\r\n{}",
    ],
    ids=["dropped", "half a body", "half a stream", "not http", "endless header", "broken gzip"],
)
def test_broken_answer_fails_the_transport(tiny_pack: Path, answer: bytes) -> None:
    with listen(send_to_seed(answer)) as url:
        run = pack_on_disk.run_against(f"{url}/v1", tiny_pack)
    assert (run.code, run.err) == (1, "")
    assert (entry(tiny_pack)["outcome"], failed_rules(entry(tiny_pack))) == ("fail", {"transport"})
    assert entry(tiny_pack, "answer")["outcome"] == "pass"


def test_connection_closed_between_shots_is_no_failure(tiny_pack: Path) -> None:
    """Many servers do so after an error. Here, every second request gets no answer."""
    reference = pack_on_disk.correct_gateway()

    def handler(sock: socket.socket, number: int) -> None:
        sock.sendall(encode_reply(reference(parse_request(read_request(sock)))))
        read_request(sock)

    with listen(handler) as url:
        assert pack_on_disk.run_against(f"{url}/v1", tiny_pack, "--concurrency", "1").code == 0
    repeated = [exchange for exchange in exchanges(tiny_pack) if len(exchange.attempts) == 2]
    assert repeated
    for exchange in repeated:
        assert [attempt.reused for attempt in exchange.attempts] == [True, False]
        assert [attempt.end for attempt in exchange.attempts] == ["dropped", "complete"]


def endless(request: Mapping[str, Any]) -> pack_on_disk.Reply:
    return pack_on_disk.json_reply(200, {"x": "y" * 5000})


def test_too_large_body_is_a_failure(tiny_pack: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sender, "Limits", partial(Limits, body=4000))
    with pack_on_disk.gateway(gateway_with(endless)) as url:
        assert pack_on_disk.run_against(url, tiny_pack).code == 1
    assert failed_rules(entry(tiny_pack)) == {"transport"}
    large = [exchange for exchange in exchanges(tiny_pack) if exchange.end == "too-large"]
    assert {len(exchange.body) for exchange in large} == {4001}


def test_endless_answer_is_inconclusive(tiny_pack: Path) -> None:
    def drip(request: Mapping[str, Any]) -> pack_on_disk.Reply:
        reply = pack_on_disk.reply(
            200, b"", ("content-type", "application/json"), framing="chunked"
        )
        return {**reply, "chunks": [b"{", b"}"], "pauses": [0.0, 3600.0]}

    with pack_on_disk.gateway(gateway_with(drip)) as url:
        run = pack_on_disk.run_against(url, tiny_pack, "--timeout", "0.5", "--case", "seed")
    assert run.code == 0
    assert (entry(tiny_pack)["outcome"], entry(tiny_pack)["cause"]) == ("inconclusive", "timeout")
    suite = ElementTree.parse(tiny_pack.parent / "out/junit.xml").getroot()[0]
    assert (suite.get("failures"), suite.get("errors")) == ("0", "0")
    assert suite.get("skipped") == "1"


def test_busy_target_is_tried_again(tiny_pack: Path) -> None:
    bodies: set[bytes] = set()
    reference = pack_on_disk.correct_gateway()

    def respond(request: Mapping[str, Any]) -> pack_on_disk.Reply:
        if request["body"] not in bodies:
            bodies.add(request["body"])
            return pack_on_disk.error(429, "later", ("retry-after", "0"))
        return reference(request)

    with pack_on_disk.gateway(respond) as url:
        assert pack_on_disk.run_against(url, tiny_pack).code == 0
    exchange = next(
        exchange for exchange in exchanges(tiny_pack) if '"seed": 7' in exchange.request_body
    )
    assert [attempt.status for attempt in exchange.attempts] == [429, 200]


@pytest.mark.parametrize("status", [429, 503])
def test_overload_for_one_value_only_is_an_answer_about_it(tiny_pack: Path, status: int) -> None:
    def busy(request: Mapping[str, Any]) -> pack_on_disk.Reply:
        return pack_on_disk.error(status, "never", ("retry-after", "0"))

    with pack_on_disk.gateway(gateway_with(busy)) as url:
        assert pack_on_disk.run_against(url, tiny_pack).code == 1
    assert entry(tiny_pack)["outcome"] == "fail"
    assert failed_rules(entry(tiny_pack)) == {"ignored.refused", "ignored.wrong-type"}
    refused = [exchange for exchange in exchanges(tiny_pack) if exchange.status == status]
    assert refused
    assert all(exchange.confirmed for exchange in refused)


def test_redirect_is_an_answer(tiny_pack: Path) -> None:
    def moved(request: Mapping[str, Any]) -> pack_on_disk.Reply:
        return pack_on_disk.reply(308, b"", ("location", "http://elsewhere.invalid/"))

    with pack_on_disk.gateway(gateway_with(moved)) as url:
        assert pack_on_disk.run_against(url, tiny_pack).code == 1
    assert entry(tiny_pack)["outcome"] == "fail"


DEEP = b'{"choices": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"
BAD = "<script>alert(1)</script>\x01\x1b[2J\u202e\ufffe\"'&"


@pytest.mark.parametrize(
    "body",
    [
        DEEP,
        b'{"choices": NaN, "usage": Infinity}',
        b'{"choices": "\xff\xfe\xed\xa0\x80"}',
        json.dumps({"choices": [{"message": {"content": BAD}}], "id": BAD}).encode(),
        b'{"id": "\\ud800", "choices": [], "choices": 7}',
        b"",
        b"\x00" * 1000,
        BAD.encode(),
        b"[" * 500_000,
        b'{"a": 1e999, "b": ' + b"9" * 100_000 + b"}",
    ],
    ids=[
        *("deep", "nan", "not utf-8", "controls", "surrogate", "empty", "nuls", "words", "open"),
        "huge numbers",
    ],
)
@pytest.mark.parametrize("status", [200, 400])
def test_reports_are_readable_for_any_body(tiny_pack: Path, body: bytes, status: int) -> None:
    def respond(request: Mapping[str, Any]) -> pack_on_disk.Reply:
        streamed = b'"stream": true' in request["body"]
        kind = "text/event-stream" if streamed else "application/json"
        data = b"data: " + body + b"\n\n" if streamed else body
        return pack_on_disk.reply(status, data, ("content-type", kind), ("x-bad", "a\x0bb"))

    with pack_on_disk.gateway(gateway_with(respond)) as url:
        run = pack_on_disk.run_against(url, tiny_pack)
    assert (run.code, run.err) == (1, "")
    assert entry(tiny_pack)["outcome"] == "fail"
    assert entry(tiny_pack, "answer")["outcome"] == "pass"
    page = (tiny_pack.parent / "out/report.html").read_text("utf-8")
    assert "<script>alert(1)" not in page
    assert report_html.cases(page)
    for text in (run.out, (tiny_pack.parent / "out/summary.md").read_text("utf-8")):
        assert "\x1b[2J" not in text
        assert "\x01" not in text


def test_compressed_answer_is_accepted(tiny_pack: Path) -> None:
    reference = pack_on_disk.correct_gateway()

    def zipped(request: Mapping[str, Any]) -> pack_on_disk.Reply:
        reply = reference(request)
        body = gzip.compress(b"".join(reply["chunks"]))
        headers = [*reply["headers"], ("content-encoding", "gzip")]
        return {**reply, "chunks": [body], "pauses": [0.0], "headers": headers}

    with pack_on_disk.gateway(zipped) as url:
        assert pack_on_disk.run_against(url, tiny_pack).code == 0


def test_long_header_is_accepted(tiny_pack: Path) -> None:
    reference = pack_on_disk.correct_gateway()

    def respond(request: Mapping[str, Any]) -> pack_on_disk.Reply:
        reply = reference(request)
        return {**reply, "headers": [*reply["headers"], ("x-long", "word " * 12_000)]}

    with pack_on_disk.gateway(respond) as url:
        assert pack_on_disk.run_against(url, tiny_pack).code == 0


FIRST_ANSWERS: list[tuple[str, pack_on_disk.Reply, str]] = [
    (
        "wrong key",
        pack_on_disk.error(401, "no such key"),
        "check the key in TINY_KEY (no such key)",
    ),
    (
        "forbidden",
        pack_on_disk.error(403, "not yours"),
        "answered 403 to the first call: check the key",
    ),
    (
        "wrong model",
        pack_on_disk.error(404, "no x"),
        "check the base URL and --model builtin-1 (no x)",
    ),
    (
        "unknown model",
        pack_on_disk.error(404, "no builtin-1 here"),
        "to the first call: check --model builtin-1 (no builtin-1 here)",
    ),
    ("wrong model, 400", pack_on_disk.error(400, "builtin-1?"), "--model builtin-1 (builtin-1?)"),
    (
        "refused",
        pack_on_disk.error(400, "no database"),
        "simplest request is rejected (no database)",
    ),
    (
        "wrong path",
        pack_on_disk.reply(404, b"<html>"),
        "answered 404 to the first call: check the base URL",
    ),
    (
        "moved",
        pack_on_disk.reply(301, b"", ("location", "https://there/v1")),
        "redirects are not followed; give the final base URL (it moves to https://there/v1)",
    ),
    ("moved nowhere", pack_on_disk.reply(302, b""), "give the final base URL"),
]


@pytest.mark.parametrize(
    ("answer", "message"), [s[1:] for s in FIRST_ANSWERS], ids=[s[0] for s in FIRST_ANSWERS]
)
def test_run_without_a_usable_first_answer_stops_with_one_line(
    tiny_pack: Path, answer: pack_on_disk.Reply, message: str
) -> None:
    requests: list[object] = []

    def respond(request: Mapping[str, Any]) -> pack_on_disk.Reply:
        requests.append(request)
        return answer

    out = tiny_pack.parent / "out"
    out.mkdir()
    (out / "report.json").write_text("from before", "utf-8")
    with pack_on_disk.gateway(respond) as url:
        result = pack_on_disk.run_against(url, tiny_pack)
    assert (result.code, len(result.lines)) == (4, 1)
    assert message in result.lines[0]
    assert len(requests) <= 6, "the first call, and a few questions about what would work"
    assert [path.name for path in out.iterdir()] == ["report.json"]
    assert (out / "report.json").read_text("utf-8") == "from before"


def test_missing_key_is_reported_with_its_option(tiny_pack: Path) -> None:
    with pack_on_disk.gateway() as url:
        result = pack_on_disk.run(tiny_pack, "--model", "builtin-1", target=url)
    assert result.code == 4
    assert (
        "answered 401 to the first call: name the variable of the key: --api-key-env VAR"
        in result.err
    )


def test_closed_port_is_reported_in_one_line(tiny_pack: Path) -> None:
    url = f"http://127.0.0.1:{closed_port()}/v1"
    result = pack_on_disk.run_against(url, tiny_pack)
    assert result.code == 4
    assert result.lines == [f"ERROR: cannot reach {url}: Connection refused"]


def test_target_without_an_answer_is_reported_in_one_line(tiny_pack: Path) -> None:
    def silent(request: Mapping[str, Any]) -> pack_on_disk.Reply:
        return {**pack_on_disk.reply(200, b"{}"), "pauses": [3600.0]}

    with pack_on_disk.gateway(silent) as url:
        result = pack_on_disk.run_against(url, tiny_pack, "--timeout", "0.1")
    assert result.code == 4
    assert result.lines == [
        f"ERROR: {url} does not answer: no end after 0.1 s; --timeout S waits longer"
    ]


@pytest.mark.parametrize("answer", [b"", b"\x16\x03\x01\x02\x00" * 20, b"hello\r\n\r\n"])
def test_first_answer_that_is_not_http_ends_the_run(tiny_pack: Path, answer: bytes) -> None:
    with listen(answer_with(answer)) as url:
        result = pack_on_disk.run_against(f"{url}/v1", tiny_pack)
    assert (result.code, len(result.lines)) == (4, 1)
    assert result.lines[0].startswith(f"ERROR: {url}/v1 ")
    assert result.lines[0].endswith(f"try {url.replace('http:', 'https:')}/v1")
