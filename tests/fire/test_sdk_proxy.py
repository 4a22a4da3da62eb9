"""The proxy forwards responses as they arrive, records clients, and keeps the key to itself."""

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
    """Answers with the request, and stores it."""

    def __init__(self, *headers: tuple[str, str], status: int = 200) -> None:
        self.headers, self.status = headers, status
        self.requests: list[Mapping[str, Any]] = []

    def __call__(self, request: Mapping[str, Any]) -> dict[str, Any]:
        self.requests.append(request)
        body = {"path": request["path"], "headers": request["headers"]}
        return pack_on_disk.json_reply(self.status, body, *self.headers)

    def header(self, name: str) -> list[str]:
        return [v for request in self.requests for k, v in request["headers"] if k.lower() == name]


def send_to(echo: Echo, folder: Path, work: str = "", **options: Any) -> Exchange:
    with serve_in_thread(echo) as url:
        sdk_call = options.pop("sdk_call", None)
        return fake_sdks.send(url, fake_sdks.make_sdk(folder, work), sdk_call, **options)


def test_stream_is_forwarded_as_it_arrives(tmp_path: Path) -> None:
    """The second piece is sent only after the SDK has received the first."""
    first_received = threading.Event()

    def handler(sock: socket.socket, number: int) -> None:
        if b"/v1/received" in raw_server.read_request(sock):
            first_received.set()
            sock.sendall(raw_server.OK)
            return
        sock.sendall(STREAM[0] + b"\r\n" + STREAM[1])
        first_received.wait(10)
        sock.sendall(STREAM[2])

    work = """
def work(job):
    answer = ask(job)
    first = answer.read1(100).decode()
    ask(job, path="/v1/received").read()
    return {"ok": True, "result": [first, answer.read().decode()]}
"""
    with raw_server.listen(handler) as url:
        evidence = fake_sdks.evidence(fake_sdks.send(url, fake_sdks.make_sdk(tmp_path, work)))
    assert evidence["result"] == ["data: one\n\n", "data: two\n\n"]
    assert evidence["wire"][0]["answer"]["lines"] == ["data: one", "", "data: two", ""]


def test_requests_and_answers_are_recorded(tmp_path: Path) -> None:
    work = """
def work(job):
    body = json.dumps({"a": [1]})
    ask(job, "POST", "/v1/messages?x=1", body, content_type="application/json", x_two="1").read()
    return {"ok": True, "result": None}
"""
    evidence = fake_sdks.evidence(send_to(Echo(("x-more", "1"), ("x-more", "2")), tmp_path, work))
    entry = evidence["wire"][0]
    assert (entry["request"]["method"], entry["request"]["path"]) == ("POST", "/v1/messages?x=1")
    assert entry["request"]["body"] == {"a": [1]}
    assert entry["request"]["headers"]["x-two"] == "1"
    assert entry["answer"]["status"] == 200
    assert entry["answer"]["headers"]["x-more"] == "1, 2"
    assert entry["answer"]["body"]["path"] == "/v1/messages?x=1"


def test_path_and_query_of_the_base_url_are_used(tmp_path: Path) -> None:
    echo = Echo()
    with serve_in_thread(echo) as url:
        fake_sdks.send(f"{url}/api/v2?api-version=1", fake_sdks.make_sdk(tmp_path))
    assert echo.requests[0]["path"] == "/api/v2/v1/x?api-version=1"


@pytest.mark.parametrize(
    ("auth", "key"), [("key", KEY), ("limited", LIMITED), ("wrong", "sk-wrong-0000000000000000")]
)
def test_target_receives_the_key_of_the_call(tmp_path: Path, auth: str, key: str) -> None:
    echo = Echo()
    send_to(echo, tmp_path, sdk_call=fake_sdks.call(auth=auth))
    assert echo.header("x-api-key") == [key]


def test_credentials_of_the_target_are_sent_only_with_the_usual_key(
    tmp_path: Path,
) -> None:
    own = (("x-tenant", "7"), ("cookie", "session=of-the-caller-1"))
    for auth, cookies in (("key", ["session=of-the-caller-1"]), ("wrong", [])):
        echo = Echo()
        send_to(echo, tmp_path, sdk_call=fake_sdks.call(auth=auth), headers=own)
        assert echo.header("x-tenant") == ["7"]
        assert echo.header("cookie") == cookies


REPEATED_KEYS = {
    "body": f'{{"your": "{KEY}"}}',
    "escaped": '{"your": "' + "".join(f"\\u{ord(c):04x}" for c in KEY) + '"}',
    "text": f"key {KEY} is known, and the limited one {LIMITED} too",
}


@pytest.mark.parametrize("text", REPEATED_KEYS.values(), ids=REPEATED_KEYS)
def test_no_key_is_recorded(tmp_path: Path, text: str) -> None:
    """The target repeats it in headers and body, the SDK in its result and its error."""

    def handler(sock: socket.socket, number: int) -> None:
        raw_server.read_request(sock)
        head = f"HTTP/1.1 200 OK\r\nx-key: {KEY}\r\ncontent-type: application/json\r\n"
        sock.sendall(f"{head}content-length: {len(text)}\r\n\r\n".encode())
        for at in range(0, len(text), 7):
            sock.sendall(text[at : at + 7].encode())

    work = """
def work(job):
    echo = ask(job, "POST", "/v1/x?key=" + job["api_key"], json.dumps(job)).read().decode()
    print(echo, job, file=sys.stderr)
    return {"ok": False, "error": {"class": echo, "message": json.dumps(job)}, "result": echo}
"""
    with raw_server.listen(handler) as url:
        exchange = fake_sdks.send(url, fake_sdks.make_sdk(tmp_path, work))
    recorded = repr(exchange) + exchange.body.decode()
    assert "[key:caller]" in recorded
    for secret in (KEY, LIMITED, "sk-placeholder"):
        assert secret not in recorded
        assert json.dumps(secret)[1:-1] not in recorded


def test_driver_never_sees_the_key(tmp_path: Path) -> None:
    work = f"""
def work(job):
    return {{"ok": True, "result": {{"there": {KEY!r} in json.dumps([job, dict(os.environ)])}}}}
"""
    assert fake_sdks.evidence(send_to(Echo(), tmp_path, work))["result"] == {"there": False}


def test_redirect_to_another_origin_is_recorded_but_not_passed_on(tmp_path: Path) -> None:
    other_origin = "http://127.0.0.2:9/take-it"
    work = """
def work(job):
    return {"ok": True, "result": ask(job).getheader("location")}
"""
    evidence = fake_sdks.evidence(
        send_to(Echo(("location", other_origin), status=307), tmp_path, work)
    )
    assert evidence["result"] is None
    assert evidence["wire"][0]["answer"]["headers"]["location"] == other_origin


def test_redirect_within_the_target_leads_to_the_proxy(tmp_path: Path) -> None:
    echo = Echo(status=307)
    work = """
def work(job):
    here = urllib.parse.urlsplit(job["base_url"]).netloc
    return {"ok": True, "result": ask(job).getheader("location") == f"http://{here}/v2/x"}
"""
    with serve_in_thread(echo) as url:
        echo.headers = (("location", f"{url}/v2/x"),)
        assert (
            fake_sdks.evidence(fake_sdks.send(url, fake_sdks.make_sdk(tmp_path, work)))["result"]
            is True
        )


def test_requests_between_jobs_are_refused(tmp_path: Path) -> None:
    echo = Echo()

    async def request_after_a_job(url: str) -> bytes:
        async with fake_sdks.sdk_clients(url, fake_sdks.make_sdk(tmp_path)) as clients:
            await clients.send("a/shot", fake_sdks.call(), fake_sdks.acquire_at_once)
            proxy = clients.sessions["small", "anthropic"].proxy
            address = urlsplit(await proxy.open())
            reader, writer = await asyncio.open_connection(address.hostname, address.port)
            writer.write(b"GET /v1/x HTTP/1.1\r\nhost: here\r\nconnection: close\r\n\r\n")
            answer = await reader.read()
            writer.close()
            return answer

    with serve_in_thread(echo) as url:
        assert asyncio.run(request_after_a_job(url)).startswith(b"HTTP/1.1 503")
    assert len(echo.requests) == 1


def test_broken_answer_is_broken_for_the_sdk_too(tmp_path: Path) -> None:
    def handler(sock: socket.socket, number: int) -> None:
        raw_server.read_request(sock)
        sock.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf")

    with raw_server.listen(handler) as url:
        exchange = fake_sdks.send(url, fake_sdks.make_sdk(tmp_path))
    evidence = fake_sdks.evidence(exchange)
    assert (exchange.status, evidence["ok"], evidence["error"]["class"]) == (
        200,
        False,
        "IncompleteRead",
    )
    assert evidence["wire"][0]["answer"]["end"] == "dropped"


def test_closed_connection_is_closed_for_the_sdk_too(tmp_path: Path) -> None:
    def handler(sock: socket.socket, number: int) -> None:
        raw_server.read_request(sock)

    with raw_server.listen(handler) as url:
        evidence = fake_sdks.evidence(fake_sdks.send(url, fake_sdks.make_sdk(tmp_path)))
    assert evidence["error"]["class"] in ("RemoteDisconnected", "ConnectionResetError")
    assert (evidence["wire"][0]["answer"]["status"], evidence["wire"][0]["answer"]["end"]) == (
        None,
        "dropped",
    )


def test_requests_of_one_job_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recorder, "MAX_REQUESTS", 3)
    echo = Echo()
    work = """
def work(job):
    while True:
        ask(job).read()
"""
    exchange = send_to(echo, tmp_path, work)
    assert exchange.end == "too-large"
    assert len(echo.requests) == 3


def test_long_body_is_redacted_before_it_is_cut(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recorder, "MAX_BODY", 20)

    def handler(sock: socket.socket, number: int) -> None:
        raw_server.read_request(sock)
        text = "x" * 10 + KEY
        sock.sendall(f"HTTP/1.1 200 OK\r\ncontent-length: {len(text)}\r\n\r\n{text}".encode())

    with raw_server.listen(handler) as url:
        exchange = fake_sdks.send(url, fake_sdks.make_sdk(tmp_path))
    answer = fake_sdks.evidence(exchange)["wire"][0]["answer"]
    assert answer["cut"]
    assert answer["text"].startswith("x" * 10 + "[key:call")
    assert KEY[:10] not in exchange.body.decode()


def test_answer_that_ends_after_the_reply_is_recorded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The SDK replies after the last byte, before the proxy has seen the end of the answer."""
    replied = threading.Event()

    def handler(sock: socket.socket, number: int) -> None:
        raw_server.read_request(sock)
        sock.sendall(raw_server.CHUNKED + b"2\r\n{}\r\n")
        replied.wait(10)
        sock.sendall(b"0\r\n\r\n")

    async def wait_until_idle(self: recorder.TrafficRecorder) -> None:
        replied.set()
        await original(self)

    original = recorder.TrafficRecorder.wait_until_idle
    monkeypatch.setattr(recorder.TrafficRecorder, "wait_until_idle", wait_until_idle)
    work = """
def work(job):
    return {"ok": True, "result": ask(job).read1(2).decode()}
"""
    with raw_server.listen(handler) as url:
        evidence = fake_sdks.evidence(fake_sdks.send(url, fake_sdks.make_sdk(tmp_path, work)))
    answer = evidence["wire"][0]["answer"]
    assert (evidence["result"], answer["status"], answer["text"]) == ("{}", 200, "{}")


def test_unread_answer_is_not_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recorder, "IDLE_TIMEOUT", 0.01)

    def handler(sock: socket.socket, number: int) -> None:
        raw_server.read_request(sock)
        sock.sendall(raw_server.CHUNKED + b"2\r\n{}\r\n")
        sock.recv(1)

    work = """
def work(job):
    return {"ok": True, "result": ask(job).status}
"""
    with raw_server.listen(handler) as url:
        exchange = fake_sdks.send(url, fake_sdks.make_sdk(tmp_path, work))
    assert exchange.status == 200
    assert fake_sdks.evidence(exchange)["wire"][0]["answer"]["status"] == 200


def test_connection_that_is_cancelled_before_it_starts_is_closed() -> None:

    async def forward(*request: Any) -> Any:
        raise AssertionError("nothing must be forwarded")

    async def connect() -> bytes:
        proxy = RecordingProxy("http://127.0.0.1:9", forward)
        accepted: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        server = await asyncio.start_server(lambda *pair: accepted.set_result(pair), "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET / HTTP/1.1\r\nhost: h\r\n\r\n")
        proxy.accept(*await accepted)
        await proxy.drop_connections()
        try:
            async with asyncio.timeout(10):
                return await reader.read()
        finally:
            writer.close()
            server.close()

    assert asyncio.run(connect()) == b""
