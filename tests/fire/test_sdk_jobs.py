"""Failures of an SDK's process are not attributed to the target, and vice versa."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path
from typing import Any

import pytest

from harness.fire.sdk.clients import SdkClients
from harness.model import Exchange
from harness.model.sdk import Sdk
from harness.testbed.http_server.server import serve_in_thread
from tests.support import fake_sdks, pack_on_disk, raw_server


def answer_200(request: Any) -> dict[str, Any]:
    return pack_on_disk.json_reply(200, {})


def run_job(folder: Path, work: str, respond: Any = answer_200, **options: Any) -> Exchange:
    with serve_in_thread(respond) as url:
        return fake_sdks.send(url, fake_sdks.make_sdk(folder, work), **options)


def test_reply_of_the_sdk_is_an_answer_with_its_traffic(tmp_path: Path) -> None:
    exchange = run_job(tmp_path, "", sdk_call=fake_sdks.call(temperature=0))
    assert (exchange.method, exchange.url, exchange.status) == ("CLIENT", "small/plain", 200)
    assert exchange.request_body == '{"temperature": 0}'
    evidence = fake_sdks.evidence(exchange)
    assert (evidence["ok"], evidence["result"]["status"], len(evidence["wire"])) == (True, 200, 1)


BROKEN_DRIVERS = {
    "garbage": (
        "print('hello there', flush=True); sys.stdin.readline()",
        "sent an invalid reply 'hello there'",
    ),
    "no reply": ("print('[]', flush=True); sys.stdin.readline()", "sent an invalid reply '[]'"),
    "dies": ("sys.exit('no such module')", "ended: no such module"),
    "dies at work": ("def work(job): os._exit(3)", "ended"),
}


@pytest.mark.parametrize(("work", "message"), BROKEN_DRIVERS.values(), ids=BROKEN_DRIVERS)
def test_failing_driver_is_an_environment_error(tmp_path: Path, work: str, message: str) -> None:
    exchange = run_job(tmp_path, work)
    assert (exchange.end, exchange.status, exchange.reason) == ("environment", None, "")
    assert exchange.note.startswith("small: ")
    assert message in exchange.note


def test_hanging_driver_is_killed(tmp_path: Path) -> None:
    """The process has ended when the exchange is returned, and the next job gets a new one."""
    work = """
def work(job):
    if job["request"].get("hang"):
        sys.stdin.readline()
    return {"ok": True, "result": os.getpid()}
"""

    async def twice(url: str) -> None:
        async with fake_sdks.sdk_clients(url, fake_sdks.make_sdk(tmp_path, work)) as clients:
            before = fake_sdks.evidence(
                await clients.send("1", fake_sdks.call(), fake_sdks.acquire_at_once)
            )["result"]
            process = driver(clients).process
            clients.job_timeout = 0.1
            hung = await clients.send("2", fake_sdks.call(hang=True), fake_sdks.acquire_at_once)
            assert (hung.end, process.returncode) == ("environment", -9)
            assert "no reply from the SDK" in hung.note
            clients.job_timeout = 20
            after = fake_sdks.evidence(
                await clients.send("3", fake_sdks.call(), fake_sdks.acquire_at_once)
            )["result"]
            assert after != before

    with serve_in_thread(answer_200) as url:
        asyncio.run(twice(url))


def driver(clients: SdkClients) -> Any:
    return clients.sessions["small", "anthropic"].driver


def test_one_process_runs_all_jobs_of_an_sdk(tmp_path: Path) -> None:
    work = "def work(job): return {'ok': True, 'result': os.getpid()}"

    async def send_several(url: str) -> set[int]:
        async with fake_sdks.sdk_clients(url, fake_sdks.make_sdk(tmp_path, work)) as clients:
            sending = [
                clients.send(str(i), fake_sdks.call(), fake_sdks.acquire_at_once) for i in range(4)
            ]
            return {fake_sdks.evidence(each)["result"] for each in await asyncio.gather(*sending)}

    with serve_in_thread(answer_200) as url:
        assert len(asyncio.run(send_several(url))) == 1


def test_closing_the_clients_ends_their_processes(tmp_path: Path) -> None:
    async def exit_status(url: str) -> Any:
        async with fake_sdks.sdk_clients(url, fake_sdks.make_sdk(tmp_path)) as clients:
            await clients.send("1", fake_sdks.call(), fake_sdks.acquire_at_once)
            process = driver(clients).process
        return process.returncode

    with serve_in_thread(answer_200) as url:
        assert asyncio.run(exit_status(url)) == -9


def test_cancelled_job_kills_its_process(tmp_path: Path) -> None:
    requested = asyncio.Event()

    async def acquire(delay: float) -> bool:
        requested.set()
        await asyncio.Event().wait()
        return True

    async def cancel_job(url: str) -> Any:
        async with fake_sdks.sdk_clients(url, fake_sdks.make_sdk(tmp_path)) as clients:
            sending = asyncio.ensure_future(clients.send("1", fake_sdks.call(), acquire))
            await requested.wait()
            process = driver(clients).process
            sending.cancel()
            await asyncio.gather(sending, return_exceptions=True)
            return process.returncode

    with serve_in_thread(answer_200) as url:
        assert asyncio.run(cancel_job(url)) == -9


def test_ending_run_sends_nothing_more(tmp_path: Path) -> None:
    async def acquire(delay: float) -> bool:
        return False

    async def once(url: str) -> Exchange:
        async with fake_sdks.sdk_clients(url, fake_sdks.make_sdk(tmp_path)) as clients:
            return await clients.send("1", fake_sdks.call(), acquire)

    with serve_in_thread(answer_200) as url:
        exchange = asyncio.run(once(url))
    assert (exchange.end, exchange.reason) == ("not-sent", "stopped")
    assert exchange.note == "small: stopped before it was sent"


def test_sdk_that_sends_nothing_is_an_environment_error(tmp_path: Path) -> None:
    exchange = run_job(tmp_path, "def work(job): raise ValueError('tools must be strict')")
    assert exchange.end == "environment"
    assert "nothing was sent: ValueError: tools must be strict" in exchange.note


def test_scenario_that_did_not_occur_is_an_environment_error(tmp_path: Path) -> None:
    work = "def work(job): return {'ok': False, 'environment': 'no 429 came'}"
    exchange = run_job(tmp_path, work)
    assert (exchange.end, exchange.note) == ("environment", "small: no 429 came")


def test_target_without_a_listener_is_unreachable(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    exchange = fake_sdks.send(f"http://127.0.0.1:{port}", fake_sdks.make_sdk(tmp_path))
    assert exchange.end == "unreachable"


def test_target_that_does_not_answer_is_a_timeout(tmp_path: Path) -> None:
    def handler(sock: socket.socket, number: int) -> None:
        raw_server.read_request(sock)
        sock.recv(1)

    with raw_server.listen(handler) as url:
        exchange = fake_sdks.send(url, fake_sdks.make_sdk(tmp_path), timeout=0.2)
    assert exchange.end == "timeout"


@pytest.mark.parametrize("status", [429, 503, 529])
def test_busy_target_keeps_its_status(tmp_path: Path, status: int) -> None:
    work = """
def work(job):
    ask(job)
    raise RuntimeError("gave up")
"""
    exchange = run_job(tmp_path, work, lambda request: pack_on_disk.json_reply(status, {}))
    assert (exchange.end, exchange.status) == ("complete", status)


def test_pause_after_a_429_is_recorded(tmp_path: Path) -> None:
    answers = iter([pack_on_disk.json_reply(429, {}, ("retry-after", "0")), answer_200(None)])
    work = """
def work(job):
    ask(job).read()
    return {"ok": True, "result": ask(job).status}
"""
    evidence = fake_sdks.evidence(run_job(tmp_path, work, lambda request: next(answers)))
    assert [(wait["asked"], wait["kept"]) for wait in evidence["waits"]] == [("0", True)]


def test_limited_job_needs_a_limited_key(tmp_path: Path) -> None:
    async def once(url: str) -> Exchange:
        async with fake_sdks.sdk_clients(url, fake_sdks.make_sdk(tmp_path)) as clients:
            clients.keys = {"key": fake_sdks.KEY}
            return await clients.send(
                "1", fake_sdks.call(auth="limited"), fake_sdks.acquire_at_once
            )

    with serve_in_thread(answer_200) as url:
        assert asyncio.run(once(url)).note == "small: there is no limited key"


def test_missing_program_is_named(tmp_path: Path) -> None:
    sdk = Sdk("small", ("anthropic",), "program", "no-such-program-here", "", "x.py")
    exchange = fake_sdks.send("http://127.0.0.1:9", sdk)
    assert exchange.end == "environment"
    assert exchange.note == "small: no-such-program-here is not on the PATH"


def test_missing_program_is_looked_up_once(tmp_path: Path) -> None:
    sdk = Sdk("small", ("anthropic",), "program", "no-such-program-here", "", "x.py")

    async def twice() -> set[str]:
        async with fake_sdks.sdk_clients("http://127.0.0.1:9", sdk) as clients:
            return {
                (await clients.send(n, fake_sdks.call(), fake_sdks.acquire_at_once)).note
                for n in ("1", "2")
            }

    assert len(asyncio.run(twice())) == 1


def test_sdk_that_closes_early_ends_an_endless_answer(tmp_path: Path) -> None:

    def handler(sock: socket.socket, number: int) -> None:
        raw_server.read_request(sock)
        sock.sendall(raw_server.CHUNKED)
        while True:
            sock.sendall(b"8000\r\n" + b"x" * 0x8000 + b"\r\n")

    work = """
def work(job):
    answer = ask(job)
    answer.read1(10)
    answer.close()
    return {"ok": True, "result": None}
"""
    with raw_server.listen(handler) as url:
        exchange = fake_sdks.send(url, fake_sdks.make_sdk(tmp_path, work))
    assert fake_sdks.evidence(exchange)["wire"][0]["answer"]["status"] == 200
