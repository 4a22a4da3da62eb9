"""`harness serve` and `harness upstream`: clients, signals and error messages."""

from __future__ import annotations

import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest
from openai import OpenAI

from harness.cli import test_bed
from tests.support import pack_on_disk


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


def test_several_mutants_are_one_gateway() -> None:
    faults = [
        test_bed.mutants()[name].override for name in ("max_tokens.ignored", "temperature.zero")
    ]
    hooks = {hook for fault in faults for hook in fault}
    assert set(test_bed.together(faults)) == hooks
    twice = [{"hook": lambda original, end=end: original() + end} for end in "ab"]
    merged = test_bed.together(twice)["hook"]
    assert merged(lambda: "-") == "-ab"


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
