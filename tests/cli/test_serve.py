"""`harness serve` and `harness upstream`: clients, signals and error messages."""

from __future__ import annotations

import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from openai import OpenAI

from tests.support import pack_on_disk

OWN_MUTANTS = """
protocol: chat
mutants:
  - {id: shouts, description: b, case: seed, rule: any, at: answer, do: {set: {$.object: SHOUTED}}}
"""
TAUGHT = """
protocol: chat
overrides: [{at: answer, do: {echo: {$.tag: $.tag}}}]
"""


@contextmanager
def serve(*words: str) -> Iterator[tuple[subprocess.Popen[str], dict[str, str]]]:
    process = pack_on_disk.start_process("harness", "serve", "--port", "0", *words)
    try:
        assert process.stdout is not None
        lines = [process.stdout.readline().strip() for _ in range(4)]
        yield process, dict(line.split("=", 1) for line in lines)
    finally:
        process.kill()
        process.communicate(timeout=20)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_official_client_can_use_the_gateway_and_a_signal_stops_it(number: signal.Signals) -> None:
    with serve() as (process, env):
        with OpenAI(base_url=env["OPENAI_BASE_URL"], api_key=env["OPENAI_API_KEY"]) as client:
            answer = client.chat.completions.create(
                model="builtin-1", messages=[{"role": "user", "content": "Repeat exactly: hello"}]
            )
        assert answer.choices[0].message.content == "hello"
        process.send_signal(number)
        out, err = process.communicate(timeout=20)
    assert (process.returncode, out) == (0, "")
    assert err == "model builtin-1; Ctrl-C ends it\n"


def test_gateway_serves_a_mutant_without_standard_input() -> None:
    """Standard input is closed, and the mutant refuses a field that it should accept."""
    with serve("--mutant", "seed.refused", "--rpm", "1") as (_, env):
        body = {"model": "builtin-1", "messages": [{"role": "user", "content": "x"}], "seed": 1}
        headers = {"authorization": f"Bearer {env['OPENAI_API_KEY']}"}
        url = f"{env['OPENAI_BASE_URL']}/chat/completions"
        statuses = [
            httpx.post(url, json=body, headers=headers, trust_env=False).status_code
            for _ in range(2)
        ]
    assert statuses[0] == 400
    assert statuses[1] in (400, 429)


def post(env: dict[str, str], **fields: Any) -> httpx.Response:
    body = {"model": "builtin-1", "messages": [{"role": "user", "content": "Say yes"}], **fields}
    headers = {"authorization": f"Bearer {env['OPENAI_API_KEY']}"}
    url = f"{env['OPENAI_BASE_URL']}/chat/completions"
    return httpx.post(url, json=body, headers=headers, trust_env=False)


def test_several_mutants_are_one_gateway_also_those_of_a_file(tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_text(OWN_MUTANTS, "utf-8")
    (tmp_path / "teach.yaml").write_text(TAUGHT, "utf-8")
    files = ("--mutants", str(tmp_path / "own.yaml"), "--override", str(tmp_path / "teach.yaml"))
    with serve(*files, "--mutant", "shouts", "--mutant", "seed.refused") as (_, env):
        answer = post(env, tag="blue")
        assert post(env, seed=1).status_code == 400
    assert (answer.json()["tag"], answer.json()["object"]) == ("blue", "SHOUTED")


def test_port_in_use_is_reported_in_one_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = pack_on_disk.harness("serve", "--port", str(port))
    assert (result.code, result.out) == (4, "")
    assert result.lines == [f"ERROR: cannot listen on port {port}: Address already in use"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--mutant", "seed.refuse"], "no mutant `seed.refuse`; did you mean `seed.refused`?"),
        (
            ["--mutant", "upstream.trims"],
            "changes only what is forwarded: add --provider-anthropic",
        ),
        (["--mutants", "none.yaml"], "none.yaml:1:1: cannot read"),
        (["--variant", "zzzz"], "no variant `zzzz`; see `harness list --variants`"),
    ],
)
def test_unknown_mutant_or_variant_is_reported_in_one_line(words: list[str], message: str) -> None:
    result = pack_on_disk.harness("serve", *words)
    assert result.code == 4
    assert len(result.lines) == 1
    assert message in result.lines[0]


def test_mock_provider_serves_both_protocols_and_prints_requests() -> None:
    process = pack_on_disk.start_process("harness", "upstream", "--port", "0")
    try:
        assert process.stdout is not None
        addresses = dict(process.stdout.readline().strip().split(": ", 1) for _ in range(3))
        with OpenAI(base_url=addresses["openai"], api_key=addresses["key"]) as client:
            answer = client.chat.completions.create(
                model="any", messages=[{"role": "user", "content": "Repeat exactly: hello"}]
            )
        assert answer.choices[0].message.content == "hello"
        refused = httpx.post(f"{addresses['anthropic']}/v1/messages", json={}, trust_env=False)
        assert refused.status_code == 401
        lines = [process.stdout.readline().strip() for _ in range(2)]
        assert lines == ["200 POST /v1/chat/completions", "401 POST /v1/messages"]
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=20)
        assert process.returncode == 0
    finally:
        process.kill()
        process.communicate(timeout=20)
