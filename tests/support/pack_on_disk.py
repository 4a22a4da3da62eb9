"""A small pack, gateways to send it to, and functions that run the commands."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from harness.cli import main
from harness.testbed.gateway.gateway import Gateway
from harness.testbed.http_server.server import serve_in_thread
from harness.testbed.keys import GATEWAY_KEY as KEY

ROOT = Path(__file__).resolve().parents[2]
Reply = dict[str, Any]
Respond = Callable[[Mapping[str, Any]], Reply]
PACK = """
id: tiny
version: 1.2.3
title: A pack of a few cases
protocol: openai
body: {model: $model, messages: [{role: user, content: "Reply with the single word: ready"}]}
modes: {plain: {}, stream: {stream: true, stream_options: {include_usage: true}}}
answers: {plain: {}, error: {body: {messages: []}}}
features: {core: core, vision: extended, limits: opt-in}
"""
CASES = """
pack: tiny
cases:
  - id: answer
    row: answer
    why: A question is answered.
    modes: [plain]
    expect: {body: {"$.choices[0].message.content": {const: ready}}}
  - id: seed
    row: seed
    behaviour: ignored
    values: [7]
    boundary_values: [9007199254740991]
    wrong_type_values: [x]
  - id: n
    row: n
    behaviour: exactly
    value: 1
    values: [2]
  - id: burst
    row: burst
    feature: limits
    modes: [plain]
"""


def pack(folder: Path, cases: str = CASES, text: str = PACK) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "pack.yaml").write_text(text, "utf-8")
    (folder / "cases.yaml").write_text(cases, "utf-8")
    return folder


def json_reply(status: int, body: Any, *headers: tuple[str, str]) -> Reply:
    return reply(status, json.dumps(body).encode(), ("content-type", "application/json"), *headers)


def reply(status: int, body: bytes, *headers: tuple[str, str], **more: Any) -> Reply:
    fields = {"status": status, "headers": list(headers), "chunks": [body], "pauses": [0.0]}
    return {**fields, "framing": "length", "end": "keep", **more}


def error(status: int, message: str, *headers: tuple[str, str]) -> Reply:
    body = {"message": message, "type": "invalid_request_error", "param": None, "code": None}
    return json_reply(status, {"error": body}, *headers)


def correct_gateway() -> Respond:
    return Gateway(pace=0.0).respond


CORRECT = correct_gateway()


def refuse_seed(request: Mapping[str, Any]) -> Reply:
    """A gateway that refuses `seed`."""
    body = json.loads(request["body"] or b"{}")
    return error(400, "no seed, please") if "seed" in body else CORRECT(request)


@contextmanager
def gateway(respond: Respond | None = None) -> Iterator[str]:
    """The base URL of a server in a thread."""
    with serve_in_thread(respond or correct_gateway()) as url:
        yield f"{url}/v1"


@dataclass
class CommandResult:
    """The exit code and the output of a command."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[str]:
        return [line for line in self.err.splitlines() if line.strip()]


def capture(call: Callable[[], Any]) -> CommandResult:
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        try:
            code = call()
        except SystemExit as stop:
            code = stop.code
    return CommandResult(int(code or 0), out.getvalue(), err.getvalue())


def harness(*words: str | Path) -> CommandResult:
    """Run the `harness` command in this process."""
    return capture(lambda: main([str(word) for word in words]))


def run(
    pack: Path, *words: str | Path, target: str = "builtin", out: Path | None = None
) -> CommandResult:
    """Run a pack; its reports go to `out`, or to a folder beside the pack."""
    folder = out or pack.parent / "out"
    return harness("run", target, "--pack", pack, "--out", folder, *words)


def run_against(url: str, pack: Path, *words: str | Path, key: str = "TINY_KEY") -> CommandResult:
    """Run a pack against a URL, with the key in the variable TINY_KEY."""
    return run(pack, "--model", "builtin-1", "--api-key-env", key, *words, target=url)


def run_pytest(*words: str | Path) -> CommandResult:
    """Run pytest in this process, without the project's configuration and the installed plugins."""
    options = ["-c", os.devnull, f"--confcutdir={Path.cwd().parent}", "-p", "harness.plugin"]
    options += ["-p", "no:cacheprovider", "-p", "no:xdist"]
    options += ["-p", "no:pytest_cov", "-p", "no:hypothesispytest", "-p", "no:anyio"]
    options += [
        "-p",
        "no:unraisableexception",
        "-p",
        "no:threadexception",
    ]  # the outer pytest uses them
    return capture(lambda: pytest.main([*options, *map(str, words)]))


def read_report(folder: Path) -> dict[str, Any]:
    report: dict[str, Any] = json.loads((folder / "report.json").read_text("utf-8"))
    return report


def outcomes(folder: Path) -> dict[str, str]:
    return {case["id"]: case["outcome"] for case in read_report(folder)["cases"]}


def restore_signals() -> None:
    """A shell starts processes in the background that ignore SIGINT, and nohup SIGHUP."""
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)


def start_process(*words: str | Path, **more: Any) -> subprocess.Popen[str]:
    """Start `python -m ...`."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **more.pop("env", {})}
    return subprocess.Popen(
        [sys.executable, "-m", *map(str, words)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
        **more,
    )


def run_process(*words: str | Path, **more: Any) -> CommandResult:
    process = start_process(*words, **more)
    out, err = process.communicate(timeout=120)
    return CommandResult(process.returncode, out, err)


__all__ = ["KEY"]
