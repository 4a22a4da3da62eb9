"""A target may do anything to a run: it ends, its reports can be read, and the blame is right."""

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
from tests.support import pack_on_disk
from tests.support.raw_server import (
    CHUNKED,
    answer_with,
    closed_port,
    encode_reply,
    listen,
    parse_request,
    read_request,
)

Wrong = Callable[[Mapping[str, Any]], pack_on_disk.Reply]


def answers(wrong: Wrong, word: bytes = b"seed") -> pack_on_disk.Respond:
    """The right gateway, but for requests that hold `word`."""
    right = pack_on_disk.good()

    def respond(request: Mapping[str, Any]) -> pack_on_disk.Reply:
        return wrong(request) if word in request["body"] else right(request)

    return respond


def says_to_seed(said: bytes) -> Callable[[socket.socket, int], None]:
    """The same, as bytes: after them the connection is closed."""
    right = pack_on_disk.good()

    def talk(sock: socket.socket, number: int) -> None:
        while request := read_request(sock):
            if b"seed" in request:
                sock.sendall(said)
                return
            sock.sendall(encode_reply(right(parse_request(request))))

    return talk


def entry(pack: Path, name: str = "seed") -> dict[str, Any]:
    """The case's entry in report.json, once every report has been read."""
    out = pack.parent / "out"
    ElementTree.parse(out / "junit.xml")
    assert "<html" in (out / "report.html").read_text("utf-8")
    assert (out / "summary.md").read_text("utf-8")
    return next(case for case in pack_on_disk.report_in(out)["cases"] if case["id"] == name)


def exchanges(pack: Path) -> list[Exchange]:
    return transcript.read(pack.parent / "out/transcript.jsonl")[1]


def rules(case: Mapping[str, Any]) -> set[str]:
    return {finding["rule"] for finding in case["findings"] if not finding["holds"]}


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{",
        CHUNKED + b"4\r\nda",
        b"<html>\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nx: " + b"y" * 300_000,
        b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 2\r\n\r\n{}",
    ],
    ids=["dropped", "half a body", "half a stream", "words", "endless header", "no gzip"],
)
def test_a_broken_answer_is_a_fail_of_the_transport(tiny_pack: Path, said: bytes) -> None:
    with listen(says_to_seed(said)) as url:
        run = pack_on_disk.at(f"{url}/v1", tiny_pack)
    assert (run.code, run.err) == (1, "")
    assert (entry(tiny_pack)["outcome"], rules(entry(tiny_pack))) == ("fail", {"transport"})
    assert entry(tiny_pack, "answer")["outcome"] == "pass"


def test_a_connection_that_is_closed_between_shots_blames_nobody(tiny_pack: Path) -> None:
    """As many servers do after an error; each second request of a connection gets nothing."""
    right = pack_on_disk.good()

    def talk(sock: socket.socket, number: int) -> None:
        sock.sendall(encode_reply(right(parse_request(read_request(sock)))))
        read_request(sock)

    with listen(talk) as url:
        assert pack_on_disk.at(f"{url}/v1", tiny_pack, "--concurrency", "1").code == 0
    again = [one for one in exchanges(tiny_pack) if len(one.attempts) == 2]
    assert again
    for one in again:
        assert [attempt.reused for attempt in one.attempts] == [True, False]
        assert [attempt.end for attempt in one.attempts] == ["dropped", "complete"]


def endless(request: Mapping[str, Any]) -> pack_on_disk.Reply:
    return pack_on_disk.json_reply(200, {"x": "y" * 5000})


def test_a_body_over_the_cap_is_a_fail(tiny_pack: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sender, "Limits", partial(Limits, body=4000))
    with pack_on_disk.gateway(answers(endless)) as url:
        assert pack_on_disk.at(url, tiny_pack).code == 1
    assert rules(entry(tiny_pack)) == {"transport"}
    large = [one for one in exchanges(tiny_pack) if one.end == "too-large"]
    assert {len(one.body) for one in large} == {4001}


def test_an_answer_that_never_ends_is_inconclusive(tiny_pack: Path) -> None:
    def drip(request: Mapping[str, Any]) -> pack_on_disk.Reply:
        made = pack_on_disk.reply(200, b"", ("content-type", "application/json"), framing="chunked")
        return {**made, "chunks": [b"{", b"}"], "pauses": [0.0, 3600.0]}

    with pack_on_disk.gateway(answers(drip)) as url:
        run = pack_on_disk.at(url, tiny_pack, "--timeout", "0.5", "--case", "seed")
    assert run.code == 1
    assert (entry(tiny_pack)["outcome"], entry(tiny_pack)["cause"]) == ("inconclusive", "timeout")
    suite = ElementTree.parse(tiny_pack.parent / "out/junit.xml").getroot()[0]
    assert (suite.get("failures"), suite.get("errors")) == ("0", "1")


def test_patience_with_a_busy_target_is_rewarded(tiny_pack: Path) -> None:
    seen: set[bytes] = set()
    right = pack_on_disk.good()

    def respond(request: Mapping[str, Any]) -> pack_on_disk.Reply:
        if request["body"] not in seen:
            seen.add(request["body"])
            return pack_on_disk.error(429, "later", ("retry-after", "0"))
        return right(request)

    with pack_on_disk.gateway(respond) as url:
        assert pack_on_disk.at(url, tiny_pack).code == 0
    one = next(one for one in exchanges(tiny_pack) if '"seed": 7' in one.request_body)
    assert [attempt.status for attempt in one.attempts] == [429, 200]


@pytest.mark.parametrize(("status", "cause"), [(429, "rate-limit"), (503, "transport")])
def test_a_target_that_stays_busy_is_inconclusive(tiny_pack: Path, status: int, cause: str) -> None:
    def busy(request: Mapping[str, Any]) -> pack_on_disk.Reply:
        return pack_on_disk.error(status, "never", ("retry-after", "0"))

    with pack_on_disk.gateway(answers(busy)) as url:
        assert pack_on_disk.at(url, tiny_pack).code == 1
    assert (entry(tiny_pack)["outcome"], entry(tiny_pack)["cause"]) == ("inconclusive", cause)
    assert max(len(one.attempts) for one in exchanges(tiny_pack)) == 4


def test_a_redirect_is_an_answer(tiny_pack: Path) -> None:
    def moved(request: Mapping[str, Any]) -> pack_on_disk.Reply:
        return pack_on_disk.reply(308, b"", ("location", "http://elsewhere.invalid/"))

    with pack_on_disk.gateway(answers(moved)) as url:
        assert pack_on_disk.at(url, tiny_pack).code == 1
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
def test_whatever_the_body_the_reports_can_be_read(
    tiny_pack: Path, body: bytes, status: int
) -> None:
    def wrong(request: Mapping[str, Any]) -> pack_on_disk.Reply:
        streamed = b'"stream": true' in request["body"]
        kind = "text/event-stream" if streamed else "application/json"
        said = b"data: " + body + b"\n\n" if streamed else body
        return pack_on_disk.reply(status, said, ("content-type", kind), ("x-bad", "a\x0bb"))

    with pack_on_disk.gateway(answers(wrong)) as url:
        run = pack_on_disk.at(url, tiny_pack)
    assert (run.code, run.err) == (1, "")
    assert entry(tiny_pack)["outcome"] == "fail"
    assert entry(tiny_pack, "answer")["outcome"] == "pass"
    page = (tiny_pack.parent / "out/report.html").read_text("utf-8")
    assert "<script>alert(1)" not in page
    for text in (run.out, (tiny_pack.parent / "out/summary.md").read_text("utf-8")):
        assert "\x1b[2J" not in text
        assert "\x01" not in text


def test_a_compressed_answer_is_read_as_any_client_reads_it(tiny_pack: Path) -> None:
    right = pack_on_disk.good()

    def zipped(request: Mapping[str, Any]) -> pack_on_disk.Reply:
        made = right(request)
        body = gzip.compress(b"".join(made["chunks"]))
        headers = [*made["headers"], ("content-encoding", "gzip")]
        return {**made, "chunks": [body], "pauses": [0.0], "headers": headers}

    with pack_on_disk.gateway(zipped) as url:
        assert pack_on_disk.at(url, tiny_pack).code == 0


def test_a_header_of_many_words_is_taken(tiny_pack: Path) -> None:
    right = pack_on_disk.good()

    def respond(request: Mapping[str, Any]) -> pack_on_disk.Reply:
        made = right(request)
        return {**made, "headers": [*made["headers"], ("x-long", "word " * 12_000)]}

    with pack_on_disk.gateway(respond) as url:
        assert pack_on_disk.at(url, tiny_pack).code == 0


STOPS: list[tuple[str, pack_on_disk.Reply, str]] = [
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
    ("wrong model, 400", pack_on_disk.error(400, "builtin-1?"), "--model builtin-1 (builtin-1?)"),
    (
        "refused",
        pack_on_disk.error(400, "no database"),
        "plainest of requests is refused (no database)",
    ),
    (
        "wrong path",
        pack_on_disk.reply(404, b"<html>"),
        "answered 404 to the first call: check the base URL",
    ),
    (
        "moved",
        pack_on_disk.reply(301, b"", ("location", "https://there/v1")),
        "redirects are not followed; give the base URL that is meant (it moves to https://there/v1)",
    ),
    ("moved nowhere", pack_on_disk.reply(302, b""), "give the base URL that is meant"),
]


@pytest.mark.parametrize(("answer", "says_so"), [s[1:] for s in STOPS], ids=[s[0] for s in STOPS])
def test_where_nothing_can_be_learnt_the_run_stops_with_one_line(
    tiny_pack: Path, answer: pack_on_disk.Reply, says_so: str
) -> None:
    asked: list[object] = []

    def respond(request: Mapping[str, Any]) -> pack_on_disk.Reply:
        asked.append(request)
        return answer

    out = tiny_pack.parent / "out"
    out.mkdir()
    (out / "report.json").write_text("from before", "utf-8")
    with pack_on_disk.gateway(respond) as url:
        said = pack_on_disk.at(url, tiny_pack)
    assert (said.code, len(said.lines)) == (4, 1)
    assert says_so in said.lines[0]
    assert len(asked) == 1
    assert [path.name for path in out.iterdir()] == ["report.json"]
    assert (out / "report.json").read_text("utf-8") == "from before"


def test_a_target_without_a_key_is_told_how_to_give_one(tiny_pack: Path) -> None:
    with pack_on_disk.gateway() as url:
        said = pack_on_disk.run(tiny_pack, "--model", "builtin-1", target=url)
    assert said.code == 4
    assert (
        "answered 401 to the first call: name the variable of the key: --api-key-env VAR"
        in said.err
    )


def test_a_closed_port_is_one_line(tiny_pack: Path) -> None:
    url = f"http://127.0.0.1:{closed_port()}/v1"
    said = pack_on_disk.at(url, tiny_pack)
    assert said.code == 4
    assert said.lines == [f"ERROR: cannot reach {url}: Connection refused"]


def test_a_target_that_says_nothing_at_all_is_one_line(tiny_pack: Path) -> None:
    def silent(request: Mapping[str, Any]) -> pack_on_disk.Reply:
        return {**pack_on_disk.reply(200, b"{}"), "pauses": [3600.0]}

    with pack_on_disk.gateway(silent) as url:
        said = pack_on_disk.at(url, tiny_pack, "--timeout", "0.1")
    assert said.code == 4
    assert said.lines == [
        f"ERROR: {url} does not answer: no end after 0.1 s; --timeout S waits longer"
    ]


@pytest.mark.parametrize("said", [b"", b"\x16\x03\x01\x02\x00" * 20, b"hello\r\n\r\n"])
def test_an_answer_that_is_no_http_is_a_finding_and_no_stop(tiny_pack: Path, said: bytes) -> None:
    with listen(answer_with(said)) as url:
        run = pack_on_disk.at(f"{url}/v1", tiny_pack)
    assert (run.code, run.err) == (1, "")
    outcomes = pack_on_disk.outcomes(tiny_pack.parent / "out")
    assert set(outcomes) == {"answer", "seed", "n"}
    assert "pass" not in outcomes.values()
    assert rules(entry(tiny_pack, "answer")) == {"transport"}
