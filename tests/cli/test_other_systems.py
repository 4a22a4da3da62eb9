"""The commands need nothing that only POSIX systems have."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from harness.testbed.http_server import server
from tests.support import pack_on_disk

WITHOUT_POSIX = """
import asyncio, os, signal, sys
for name in ("fcntl", "resource", "pwd", "grp", "termios", "tty", "pty"):
    sys.modules[name] = None
del signal.SIGHUP, os.O_NONBLOCK
def refuse(*arguments):
    raise NotImplementedError
asyncio.SelectorEventLoop.add_signal_handler = refuse
from harness.__main__ import start
start()
"""
# Of filelock, on a system that is neither POSIX nor Windows.
WARNING = "ignore:only soft file lock is available"


def test_a_run_needs_no_module_of_posix(tiny_pack: Path) -> None:
    out = tiny_pack.parent / "out"
    done = subprocess.run(
        [
            sys.executable,
            "-W",
            WARNING,
            "-c",
            WITHOUT_POSIX,
            "run",
            "--pack",
            tiny_pack,
            "--out",
            out,
        ],
        env={**os.environ, "PYTHONPATH": str(pack_on_disk.ROOT)},
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert pack_on_disk.read_report(out)["result"] == "conformant"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_loop_without_signal_handlers_ends_at_a_signal(
    number: signal.Signals, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*arguments: Any) -> None:
        raise NotImplementedError

    async def serve() -> None:
        stop = asyncio.Event()
        monkeypatch.setattr(asyncio.get_running_loop(), "add_signal_handler", refuse)
        server.set_at_signals(stop)
        os.kill(os.getpid(), number)
        await asyncio.wait_for(stop.wait(), 10)

    before = {each: signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM)}
    try:
        asyncio.run(serve())
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
