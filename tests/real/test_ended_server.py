"""A gateway whose process ends in the middle of a run is started again, and the run repeated."""

from __future__ import annotations

import os
import sys
from functools import partial
from pathlib import Path

import pytest

from tests.real.environments import Server, free_port, running
from tests.real.runs import FAILED, UNREACHABLE, Run, run, run_on
from tests.support import pack_on_disk

# Ends at its fourth POST, unless it was started before.
SERVER = """
import json, os, sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
lasts = Path("started").exists()
Path("started").touch()
posts = []
message = {"role": "assistant", "content": "ready", "refusal": None}
choice = {"index": 0, "message": message, "finish_reason": "stop", "logprobs": None}
usage = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
completion = {"id": "c", "object": "chat.completion", "created": 1, "model": "m"}
answer = json.dumps({**completion, "choices": [choice], "usage": usage}).encode()
class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)
    def do_POST(self):
        posts.append(self.rfile.read(int(self.headers["content-length"])))
        if len(posts) > 3 and not lasts:
            os._exit(7)
        self.do_GET()
ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"""


def test_run_is_repeated_once_after_the_process_has_ended(tiny_pack: Path) -> None:
    folder, port, runs = tiny_pack.parent, free_port(), list[Run]()
    pack = pack_on_disk.pack(tiny_pack)
    address = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-c", SERVER, str(port)]

    def start(out: Path) -> Run:
        runs.append(run(f"{address}/v1", "m", (str(pack),), out))
        return runs[-1]

    with running(command, {**os.environ}, folder / "log.txt", address) as server:
        last = run_on(server, start, folder / "out")
        assert not server.has_ended()
    first, second = runs
    assert last == second
    assert first.code in (FAILED, UNREACHABLE)
    assert "stopped answering" in " ".join(first.output.split()) or first.code == UNREACHABLE
    assert second.report["reasons"] == []
    assert second.folder == folder / "out-once-more"


def ended(folder: Path) -> Server:
    """Return a server whose process has ended by itself, and which can be started again."""
    with running(
        [sys.executable, "-c", SERVER, str(port := free_port())],
        {**os.environ},
        folder / "log.txt",
        f"http://127.0.0.1:{port}",
    ) as server:
        pass
    return server


def test_a_run_that_hides_the_end_of_the_process_is_an_error(tmp_path: Path) -> None:
    server = ended(tmp_path)
    start = partial(Run, 0, "", tmp_path)
    (tmp_path / "report.json").write_text('{"reasons": ["stopped"]}', "utf-8")
    try:
        with pytest.raises(AssertionError):
            run_on(server, lambda folder: start(), tmp_path)
    finally:
        server.stop()
