"""The relay passes on what comes as it comes, writes it down, and has the key to itself."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from harness.fire.sdk import recorder
from harness.fire.sdk.proxy import RecordingProxy
from harness.model import Exchange
from harness.testbed.http_server.server import serve_in_thread
from tests.support import fake_sdks, pack_on_disk, raw_server
from tests.support.fake_sdks import KEY, LIMITED

STREAM = (
    b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n",
    b"data: one\n\n",
    b"data: two\n\n",
)


class Echo:
    """Answers with what it was asked, and keeps it."""

    def __init__(self, *headers: tuple[str, str], status: int = 200) -> None:
        self.headers, self.status = headers, status
        self.seen: list[Mapping[str, Any]] = []

    def __call__(self, request: Mapping[str, Any]) -> dict[str, Any]:
        self.seen.append(request)
        body = {"path": request["path"], "headers": request["headers"]}
        return pack_on_disk.json_reply(self.status, body, *self.headers)

    def header(self, name: str) -> list[str]:
        return [v for request in self.seen for k, v in request["headers"] if k.lower() == name]


def through(echo: Echo, folder: Path, work: str = "", **options: Any) -> Exchange:
    with serve_in_thread(echo) as url:
        asked = options.pop("asked", None)
        return fake_sdks.sent(url, fake_sdks.scripted(folder, work), asked, **options)


def test_a_stream_is_passed_on_as_it_comes(tmp_path: Path) -> None:
    """The second piece is sent only when the SDK has shown that it has the first."""
    has_it = threading.Event()

    def talk(sock: socket.socket, number: int) -> None:
        if b"/v1/seen" in raw_server.heard(sock):
            has_it.set()
            sock.sendall(raw_server.OK)
            return
        sock.sendall(STREAM[0] + b"\r\n" + STREAM[1])
        has_it.wait(10)
        sock.sendall(STREAM[2])

    work = """
def work(job):
    answer = ask(job)
    first = answer.read1(100).decode()
    ask(job, path="/v1/seen").read()
    return {"ok": True, "result": [first, answer.read().decode()]}
"""
    with raw_server.raw(talk) as url:
        said = fake_sdks.told(fake_sdks.sent(url, fake_sdks.scripted(tmp_path, work)))
    assert said["result"] == ["data: one\n\n", "data: two\n\n"]
    assert said["wire"][0]["answer"]["lines"] == ["data: one", "", "data: two", ""]


def test_what_was_asked_and_answered_is_written_down(tmp_path: Path) -> None:
    work = """
def work(job):
    body = json.dumps({"a": [1]})
    ask(job, "POST", "/v1/messages?x=1", body, content_type="application/json", x_two="1").read()
    return {"ok": True, "result": None}
"""
    said = fake_sdks.told(through(Echo(("x-more", "1"), ("x-more", "2")), tmp_path, work))
    entry = said["wire"][0]
    assert (entry["request"]["method"], entry["request"]["path"]) == ("POST", "/v1/messages?x=1")
    assert entry["request"]["body"] == {"a": [1]}
    assert entry["request"]["headers"]["x-two"] == "1"
    assert entry["answer"]["status"] == 200
    assert entry["answer"]["headers"]["x-more"] == "1, 2"
    assert entry["answer"]["body"]["path"] == "/v1/messages?x=1"


def test_the_path_of_the_base_url_and_what_follows_it_are_the_targets(tmp_path: Path) -> None:
    echo = Echo()
    with serve_in_thread(echo) as url:
        fake_sdks.sent(f"{url}/api/v2?api-version=1", fake_sdks.scripted(tmp_path))
    assert echo.seen[0]["path"] == "/api/v2/v1/x?api-version=1"


@pytest.mark.parametrize(
    ("auth", "key"), [("key", KEY), ("limited", LIMITED), ("wrong", "sk-wrong-0000000000000000")]
)
def test_the_target_gets_the_key_that_is_meant(tmp_path: Path, auth: str, key: str) -> None:
    echo = Echo()
    through(echo, tmp_path, asked=fake_sdks.call(auth=auth))
    assert echo.header("x-api-key") == [key]


def test_the_targets_own_headers_go_along_and_its_credentials_only_with_our_key(
    tmp_path: Path,
) -> None:
    own = (("x-tenant", "7"), ("cookie", "session=of-the-caller-1"))
    for auth, cookies in (("key", ["session=of-the-caller-1"]), ("wrong", [])):
        echo = Echo()
        through(echo, tmp_path, asked=fake_sdks.call(auth=auth), headers=own)
        assert echo.header("x-tenant") == ["7"]
        assert echo.header("cookie") == cookies


LEAKS = {
    "body": f'{{"your": "{KEY}"}}',
    "escaped": '{"your": "' + "".join(f"\\u{ord(c):04x}" for c in KEY) + '"}',
    "text": f"key {KEY} is known, and the limited one {LIMITED} too",
}


@pytest.mark.parametrize("text", LEAKS.values(), ids=LEAKS)
def test_no_key_gets_into_what_is_kept(tmp_path: Path, text: str) -> None:
    """The target says it in its headers and its body, the SDK in its result and its error."""

    def talk(sock: socket.socket, number: int) -> None:
        raw_server.heard(sock)
        head = f"HTTP/1.1 200 OK\r\nx-key: {KEY}\r\ncontent-type: application/json\r\n"
        sock.sendall(f"{head}content-length: {len(text)}\r\n\r\n".encode())
        for at in range(0, len(text), 7):
            sock.sendall(text[at : at + 7].encode())

    work = """
def work(job):
    said = ask(job, "POST", "/v1/x?key=" + job["api_key"], json.dumps(job)).read().decode()
    print(said, job, file=sys.stderr)
    return {"ok": False, "error": {"class": said, "message": json.dumps(job)}, "result": said}
"""
    with raw_server.raw(talk) as url:
        exchange = fake_sdks.sent(url, fake_sdks.scripted(tmp_path, work))
    shown = repr(exchange) + exchange.body.decode()
    assert "[key:caller]" in shown
    for secret in (KEY, LIMITED, "sk-placeholder"):
        assert secret not in shown
        assert json.dumps(secret)[1:-1] not in shown


def test_the_driver_never_sees_the_key(tmp_path: Path) -> None:
    work = f"""
def work(job):
    return {{"ok": True, "result": {{"there": {KEY!r} in json.dumps([job, dict(os.environ)])}}}}
"""
    assert fake_sdks.told(through(Echo(), tmp_path, work))["result"] == {"there": False}


def test_a_redirection_leads_past_the_relay_for_nobody(tmp_path: Path) -> None:
    elsewhere = "http://127.0.0.2:9/take-it"
    work = """
def work(job):
    return {"ok": True, "result": ask(job).getheader("location")}
"""
    said = fake_sdks.told(through(Echo(("location", elsewhere), status=307), tmp_path, work))
    assert said["result"] is None
    assert said["wire"][0]["answer"]["headers"]["location"] == elsewhere


def test_a_redirection_to_the_target_itself_leads_to_the_relay(tmp_path: Path) -> None:
    echo = Echo(status=307)
    work = """
def work(job):
    here = urllib.parse.urlsplit(job["base_url"]).netloc
    return {"ok": True, "result": ask(job).getheader("location") == f"http://{here}/v2/x"}
"""
    with serve_in_thread(echo) as url:
        echo.headers = (("location", f"{url}/v2/x"),)
        assert (
            fake_sdks.told(fake_sdks.sent(url, fake_sdks.scripted(tmp_path, work)))["result"]
            is True
        )


def test_nobody_is_served_when_no_job_is_recorded(tmp_path: Path) -> None:
    """Whoever finds the port gets no farther than the relay."""
    echo = Echo()

    async def twice(url: str) -> bytes:
        async with fake_sdks.clients(url, fake_sdks.scripted(tmp_path)) as them:
            await them.send("a/shot", fake_sdks.call(), fake_sdks.at_once)
            relay = them.desks["small"].relay
            there = urlsplit(await relay.open())
            reader, writer = await asyncio.open_connection(there.hostname, there.port)
            writer.write(b"GET /v1/x HTTP/1.1\r\nhost: here\r\nconnection: close\r\n\r\n")
            answer = await reader.read()
            writer.close()
            return answer

    with serve_in_thread(echo) as url:
        assert asyncio.run(twice(url)).startswith(b"HTTP/1.1 503")
    assert len(echo.seen) == 1


def test_an_answer_that_breaks_off_breaks_off_for_the_sdk_too(tmp_path: Path) -> None:
    def talk(sock: socket.socket, number: int) -> None:
        raw_server.heard(sock)
        sock.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf")

    with raw_server.raw(talk) as url:
        exchange = fake_sdks.sent(url, fake_sdks.scripted(tmp_path))
    said = fake_sdks.told(exchange)
    assert (exchange.status, said["ok"], said["error"]["class"]) == (200, False, "IncompleteRead")
    assert said["wire"][0]["answer"]["end"] == "dropped"


def test_a_target_that_says_nothing_is_heard_as_that(tmp_path: Path) -> None:
    def talk(sock: socket.socket, number: int) -> None:
        raw_server.heard(sock)

    with raw_server.raw(talk) as url:
        said = fake_sdks.told(fake_sdks.sent(url, fake_sdks.scripted(tmp_path)))
    assert said["error"]["class"] in ("RemoteDisconnected", "ConnectionResetError")
    assert (said["wire"][0]["answer"]["status"], said["wire"][0]["answer"]["end"]) == (
        None,
        "dropped",
    )


def test_requests_of_one_job_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recorder, "MOST", 3)
    echo = Echo()
    work = """
def work(job):
    while True:
        ask(job).read()
"""
    exchange = through(echo, tmp_path, work)
    assert exchange.end == "too-large"
    assert len(echo.seen) == 3


def test_long_bodies_are_cut_only_when_they_are_clean(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recorder, "LONGEST", 20)

    def talk(sock: socket.socket, number: int) -> None:
        raw_server.heard(sock)
        text = "x" * 10 + KEY
        sock.sendall(f"HTTP/1.1 200 OK\r\ncontent-length: {len(text)}\r\n\r\n{text}".encode())

    with raw_server.raw(talk) as url:
        exchange = fake_sdks.sent(url, fake_sdks.scripted(tmp_path))
    answer = fake_sdks.told(exchange)["wire"][0]["answer"]
    assert answer["cut"]
    assert answer["text"].startswith("x" * 10 + "[key:call")
    assert KEY[:10] not in exchange.body.decode()


def test_an_answer_that_the_sdk_has_first_is_written_down_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It takes the last byte and replies at once, while the relay has the end still to come."""
    replied = threading.Event()

    def talk(sock: socket.socket, number: int) -> None:
        raw_server.heard(sock)
        sock.sendall(raw_server.CHUNKED + b"2\r\n{}\r\n")
        replied.wait(10)
        sock.sendall(b"0\r\n\r\n")

    async def settle(self: recorder.TrafficRecorder) -> None:
        replied.set()
        await settled(self)

    settled = recorder.TrafficRecorder.settle
    monkeypatch.setattr(recorder.TrafficRecorder, "settle", settle)
    work = """
def work(job):
    return {"ok": True, "result": ask(job).read1(2).decode()}
"""
    with raw_server.raw(talk) as url:
        said = fake_sdks.told(fake_sdks.sent(url, fake_sdks.scripted(tmp_path, work)))
    answer = said["wire"][0]["answer"]
    assert (said["result"], answer["status"], answer["text"]) == ("{}", 200, "{}")


def test_what_an_sdk_leaves_unread_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recorder, "LAST", 0.01)

    def talk(sock: socket.socket, number: int) -> None:
        raw_server.heard(sock)
        sock.sendall(raw_server.CHUNKED + b"2\r\n{}\r\n")
        sock.recv(1)

    work = """
def work(job):
    return {"ok": True, "result": ask(job).status}
"""
    with raw_server.raw(talk) as url:
        exchange = fake_sdks.sent(url, fake_sdks.scripted(tmp_path, work))
    assert exchange.status == 200
    assert fake_sdks.told(exchange)["wire"][0]["answer"]["status"] == 200


def test_who_connects_as_a_job_ends_is_not_left_waiting() -> None:
    """His line is dropped before it began: nobody would ever read what he asks."""

    async def forward(*asked: Any) -> Any:
        raise AssertionError("nothing is recorded")

    async def connects() -> bytes:
        relay = RecordingProxy("http://127.0.0.1:9", forward)
        met: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        server = await asyncio.start_server(lambda *pair: met.set_result(pair), "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET / HTTP/1.1\r\nhost: h\r\n\r\n")
        relay.connected(*await met)
        await relay.drop()
        try:
            async with asyncio.timeout(10):
                return await reader.read()
        finally:
            writer.close()
            server.close()

    assert asyncio.run(connects()) == b""
