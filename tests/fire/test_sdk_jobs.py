"""Whatever an SDK's process does, it is never taken for the target's doing; nor the other way."""

from __future__ import annotations

import asyncio
import socket
import sys
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest

from harness.fire.sdk import cache, command, install
from harness.fire.sdk.clients import SdkClients
from harness.model import Exchange
from harness.model.sdk import SDKS, Sdk
from harness.testbed.http_server.server import serve_in_thread
from tests.support import fake_sdks, pack_on_disk, raw_server


def right(request: Any) -> dict[str, Any]:
    return pack_on_disk.json_reply(200, {})


def one(folder: Path, work: str, respond: Any = right, **options: Any) -> Exchange:
    with serve_in_thread(respond) as url:
        return fake_sdks.sent(url, fake_sdks.scripted(folder, work), **options)


def test_what_the_sdk_says_is_an_answer_with_its_wire(tmp_path: Path) -> None:
    exchange = one(tmp_path, "", asked=fake_sdks.call(temperature=0))
    assert (exchange.method, exchange.url, exchange.status) == ("CLIENT", "small/plain", 200)
    assert exchange.request_body == '{"temperature": 0}'
    said = fake_sdks.told(exchange)
    assert (said["ok"], said["result"]["status"], len(said["wire"])) == (True, 200, 1)


BROKEN = {
    "garbage": ("print('hello there', flush=True); sys.stdin.readline()", "said 'hello there'"),
    "no reply": ("print('[]', flush=True); sys.stdin.readline()", "said '[]'"),
    "dies": ("sys.exit('no such module')", "ended: no such module"),
    "dies at work": ("def work(job): os._exit(3)", "ended"),
}


@pytest.mark.parametrize(("work", "why"), BROKEN.values(), ids=BROKEN)
def test_a_driver_that_fails_is_trouble_of_ours(tmp_path: Path, work: str, why: str) -> None:
    exchange = one(tmp_path, work)
    assert (exchange.end, exchange.status) == ("environment", None)
    assert exchange.note.startswith("small: ")
    assert why in exchange.note


def test_a_driver_that_hangs_is_killed(tmp_path: Path) -> None:
    """Its process has gone when the answer is there, and the next job has another."""
    work = """
def work(job):
    if job["request"].get("hang"):
        sys.stdin.readline()
    return {"ok": True, "result": os.getpid()}
"""

    async def twice(url: str) -> None:
        async with fake_sdks.clients(url, fake_sdks.scripted(tmp_path, work)) as them:
            before = fake_sdks.told(await them.send("1", fake_sdks.call(), fake_sdks.at_once))[
                "result"
            ]
            process = driver(them).process
            them.patience = 0.1
            hung = await them.send("2", fake_sdks.call(hang=True), fake_sdks.at_once)
            assert (hung.end, process.returncode) == ("environment", -9)
            assert "no word from the SDK" in hung.note
            them.patience = 20
            after = fake_sdks.told(await them.send("3", fake_sdks.call(), fake_sdks.at_once))[
                "result"
            ]
            assert after != before

    with serve_in_thread(right) as url:
        asyncio.run(twice(url))


def driver(them: SdkClients) -> Any:
    return them.desks["small"].driver


def test_one_process_does_all_the_jobs_of_an_sdk(tmp_path: Path) -> None:
    work = "def work(job): return {'ok': True, 'result': os.getpid()}"

    async def several(url: str) -> set[int]:
        async with fake_sdks.clients(url, fake_sdks.scripted(tmp_path, work)) as them:
            sending = [them.send(str(i), fake_sdks.call(), fake_sdks.at_once) for i in range(4)]
            return {fake_sdks.told(each)["result"] for each in await asyncio.gather(*sending)}

    with serve_in_thread(right) as url:
        assert len(asyncio.run(several(url))) == 1


def test_the_end_of_the_run_ends_the_processes(tmp_path: Path) -> None:
    async def left(url: str) -> Any:
        async with fake_sdks.clients(url, fake_sdks.scripted(tmp_path)) as them:
            await them.send("1", fake_sdks.call(), fake_sdks.at_once)
            process = driver(them).process
        return process.returncode

    with serve_in_thread(right) as url:
        assert asyncio.run(left(url)) == -9


def test_a_run_that_is_stopped_kills_what_is_at_work(tmp_path: Path) -> None:
    asked = asyncio.Event()

    async def gate(pause: float) -> bool:
        asked.set()
        await asyncio.Event().wait()
        return True

    async def stopped(url: str) -> Any:
        async with fake_sdks.clients(url, fake_sdks.scripted(tmp_path)) as them:
            sending = asyncio.ensure_future(them.send("1", fake_sdks.call(), gate))
            await asked.wait()
            process = driver(them).process
            sending.cancel()
            await asyncio.gather(sending, return_exceptions=True)
            return process.returncode

    with serve_in_thread(right) as url:
        assert asyncio.run(stopped(url)) == -9


def test_a_run_that_is_ending_sends_nothing_more(tmp_path: Path) -> None:
    async def gate(pause: float) -> bool:
        return False

    async def once(url: str) -> Exchange:
        async with fake_sdks.clients(url, fake_sdks.scripted(tmp_path)) as them:
            return await them.send("1", fake_sdks.call(), gate)

    with serve_in_thread(right) as url:
        exchange = asyncio.run(once(url))
    assert (exchange.end, exchange.note) == ("not-sent", "small: stopped before it was sent")


def test_an_sdk_that_asks_nothing_says_nothing_about_the_target(tmp_path: Path) -> None:
    exchange = one(tmp_path, "def work(job): raise ValueError('tools must be strict')")
    assert exchange.end == "environment"
    assert "nothing was sent: ValueError: tools must be strict" in exchange.note


def test_what_did_not_come_about_is_nobodys_fault(tmp_path: Path) -> None:
    work = "def work(job): return {'ok': False, 'environment': 'no 429 came'}"
    exchange = one(tmp_path, work)
    assert (exchange.end, exchange.note) == ("environment", "small: no 429 came")


def test_a_target_that_nobody_reaches_is_unreachable(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    exchange = fake_sdks.sent(f"http://127.0.0.1:{port}", fake_sdks.scripted(tmp_path))
    assert exchange.end == "unreachable"


def test_a_target_that_does_not_answer_in_time_is_not_waited_for(tmp_path: Path) -> None:
    def talk(sock: socket.socket, number: int) -> None:
        raw_server.heard(sock)
        sock.recv(1)

    with raw_server.raw(talk) as url:
        exchange = fake_sdks.sent(url, fake_sdks.scripted(tmp_path), timeout=0.2)
    assert exchange.end == "timeout"


@pytest.mark.parametrize("status", [429, 503, 529])
def test_a_target_without_time_is_not_a_wrong_one(tmp_path: Path, status: int) -> None:
    work = """
def work(job):
    ask(job)
    raise RuntimeError("gave up")
"""
    exchange = one(tmp_path, work, lambda request: pack_on_disk.json_reply(status, {}))
    assert (exchange.end, exchange.status) == ("complete", status)


def test_how_long_a_refusal_was_waited_for_is_told(tmp_path: Path) -> None:
    answers = iter([pack_on_disk.json_reply(429, {}, ("retry-after", "0")), right(None)])
    work = """
def work(job):
    ask(job).read()
    return {"ok": True, "result": ask(job).status}
"""
    said = fake_sdks.told(one(tmp_path, work, lambda request: next(answers)))
    assert [(wait["asked"], wait["kept"]) for wait in said["waits"]] == [("0", True)]


def test_a_limited_job_without_a_limited_key_cannot_be(tmp_path: Path) -> None:
    async def once(url: str) -> Exchange:
        async with fake_sdks.clients(url, fake_sdks.scripted(tmp_path)) as them:
            them.keys = {"key": fake_sdks.KEY}
            return await them.send("1", fake_sdks.call(auth="limited"), fake_sdks.at_once)

    with serve_in_thread(right) as url:
        assert asyncio.run(once(url)).note == "small: there is no limited key"


def test_a_program_that_is_not_there_is_named(tmp_path: Path) -> None:
    sdk = Sdk("small", "anthropic", "program", "no-such-program-here", "", "x.py")
    exchange = fake_sdks.sent("http://127.0.0.1:9", sdk)
    assert exchange.end == "environment"
    assert exchange.note == "small: no-such-program-here is not on the PATH"


# --- installing --------------------------------------------------------------------------------

NODE = Sdk("made-typescript", "anthropic", "node", "made", "1.0.0", "x.cjs")
INSTALLER = """
import os, pathlib, sys
home = pathlib.Path(sys.argv[-1])
(home / "module").write_text(os.environ.get("SOME_KEY", "no key here"))
with open(sys.argv[1], "a") as log:
    log.write("installed\\n")
CODE
"""


def installer(folder: Path, monkeypatch: pytest.MonkeyPatch, code: str = "") -> Path:
    """Stands in for npm; the file it returns tells how often it ran."""
    script, log = folder / "npm.py", folder / "log"
    script.write_text(INSTALLER.replace("CODE", code))
    command = [sys.executable, str(script), str(log)]
    monkeypatch.setattr(cache, "npm", lambda sdk: command)
    return log


def test_an_install_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = installer(tmp_path, monkeypatch)
    homes = {asyncio.run(cache.installed_path(NODE, tmp_path, ())) for _ in range(2)}
    assert [(home / "module").read_text() for home in homes] == ["no key here"]
    assert log.read_text() == "installed\n"


def test_two_who_want_the_same_install_it_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = installer(tmp_path, monkeypatch)

    async def both() -> None:
        await asyncio.gather(*(cache.installed_path(NODE, tmp_path, ()) for _ in range(2)))

    asyncio.run(both())
    assert log.read_text() == "installed\n"


def test_half_an_install_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It fails after it has written something; and somebody before was stopped in the middle."""
    installer(tmp_path, monkeypatch, "sys.exit('ERROR: no network')")
    left = tmp_path / "clients" / "made-node-1.0.0.part"
    left.mkdir(parents=True)
    (left / "half").write_text("")
    with pytest.raises(install.Missing, match=r"made 1\.0\.0 cannot be installed: ERROR: no net"):
        asyncio.run(cache.installed_path(NODE, tmp_path, ()))
    assert [path.suffix for path in left.parent.iterdir()] == [".lock"]
    installer(tmp_path, monkeypatch)
    home = asyncio.run(cache.installed_path(NODE, tmp_path, ()))
    assert [path.name for path in home.iterdir()] == ["module"]


def test_the_installer_does_not_see_the_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOME_KEY", fake_sdks.KEY)
    installer(tmp_path, monkeypatch)
    home = asyncio.run(cache.installed_path(NODE, tmp_path, (fake_sdks.KEY,)))
    assert (home / "module").read_text() == "no key here"


def test_an_install_that_takes_too_long_is_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    installer(tmp_path, monkeypatch, "import threading; threading.Event().wait()")
    monkeypatch.setattr(install, "PATIENCE", 0.5)
    with pytest.raises(install.Missing, match="took more than"):
        asyncio.run(cache.installed_path(NODE, tmp_path, ()))


def test_a_cache_that_cannot_be_written_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    installer(tmp_path, monkeypatch)
    (tmp_path / "clients").write_text("a file")
    with pytest.raises(install.Missing, match=r"made-node-1\.0\.0: "):
        asyncio.run(cache.installed_path(NODE, tmp_path, ()))


def test_the_installer_that_is_here_is_asked_for_the_pinned_version(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sdk = SDKS["anthropic-python-0.69"]
    assert install.pip(sdk)[-2:] == ["anthropic==0.69.0", "--target"]
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    monkeypatch.setattr("shutil.which", lambda name: f"/bin/{name}")
    assert install.pip(sdk)[:3] == ["/bin/uv", "pip", "install"]
    node = SDKS["anthropic-typescript"]
    assert install.npm(node)[0] == "/bin/npm"
    assert install.npm(node)[-2:] == ["@anthropic-ai/sdk@1.12.0", "--prefix"]
    monkeypatch.setattr("shutil.which", lambda name: None)
    with pytest.raises(install.Missing, match="neither pip nor uv is here"):
        install.pip(sdk)


def test_what_is_installed_here_is_used_unless_it_is_of_another_age(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sdk = SDKS["openai-python"]
    assert command.current(sdk) == metadata.version("openai")
    monkeypatch.setattr(metadata, "version", lambda name: "1.50.0")
    assert command.current(sdk) == ""

    def nowhere(name: str) -> str:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "version", nowhere)
    assert command.current(sdk) == ""


@pytest.mark.parametrize(
    ("name", "found"), [("openai-python-1.109", "1.109.1"), ("openai-typescript", "7.57.0")]
)
def test_an_sdk_that_is_not_installed_here_is_run_from_where_it_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, found: str
) -> None:
    monkeypatch.setattr("shutil.which", lambda name: f"/bin/{name}")
    sdk = SDKS[name]
    home = tmp_path / "clients" / cache.shelved(sdk)
    home.mkdir(parents=True)
    made = asyncio.run(command.ready(sdk, tmp_path, ()))
    assert made.version == found
    assert str(home) in made.command[-1]
    assert Path(made.command[-2]).is_file()  # the driver


def test_the_cache_is_where_the_caller_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(command.VARIABLE, "/some/where")
    assert command.cache() == Path("/some/where")
    monkeypatch.delenv(command.VARIABLE)
    assert command.cache().name == "llm-gateway-conformance"


def test_an_installer_without_words_is_told_as_that() -> None:
    assert install.last(b"\n") == "the installer said nothing"
    assert install.last(b"error: no space\nhint: make some\n") == "error: no space"


def test_what_cannot_be_had_is_asked_for_once(tmp_path: Path) -> None:
    sdk = Sdk("small", "anthropic", "program", "no-such-program-here", "", "x.py")

    async def twice() -> set[str]:
        async with fake_sdks.clients("http://127.0.0.1:9", sdk) as them:
            return {
                (await them.send(n, fake_sdks.call(), fake_sdks.at_once)).note for n in ("1", "2")
            }

    assert len(asyncio.run(twice())) == 1


def test_an_sdk_that_goes_in_the_middle_of_an_answer_ends_it(tmp_path: Path) -> None:
    """The target would send for ever; nobody takes it any more."""

    def talk(sock: socket.socket, number: int) -> None:
        raw_server.heard(sock)
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
    with raw_server.raw(talk) as url:
        exchange = fake_sdks.sent(url, fake_sdks.scripted(tmp_path, work))
    assert fake_sdks.told(exchange)["wire"][0]["answer"]["status"] == 200
