"""`harness serve` before providers of the user's own: whose keys they get, and what is printed."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import httpx
import pytest

from harness.cli import own_providers
from harness.testbed.gateway.gateway import Gateway
from harness.testbed.http_server.server import serve_in_thread
from harness.testbed.keys import GATEWAY_KEY, PROVIDER_KEY
from harness.testbed.mock_provider.server import Upstream
from harness.util.errors import UsageError
from tests.support import pack_on_disk
from tests.support.gateway_behind_provider import ROUTES, request
from tests.support.raw_server import listen, read_request

ASK = {"model": "any", "max_tokens": 9, "messages": [{"role": "user", "content": "Say yes"}]}
NO_KEY: Mapping[str, Any] = {"OPENAI_API_KEY": "", "ANTHROPIC_API_KEY": ""}


@contextmanager
def serve(*words: str, **env: str) -> Iterator[tuple[subprocess.Popen[str], dict[str, str]]]:
    """A gateway as a process, and the variables that it prints."""
    more = {"env": {**NO_KEY, **env}, "preexec_fn": pack_on_disk.restore_signals}
    process = pack_on_disk.start_process("harness", "serve", "--port", "0", *words, **more)
    try:
        assert process.stdout is not None
        lines = [process.stdout.readline().strip() for _ in range(2)]
        yield process, dict(line.split("=", 1) for line in lines)
    finally:
        process.kill()
        process.communicate(timeout=20)


def test_the_key_of_the_environment_reaches_the_provider_and_no_output() -> None:
    upstream = Upstream()
    with (
        serve_in_thread(upstream.respond) as url,
        serve("--provider-anthropic", url, "--model", "any", ANTHROPIC_API_KEY=PROVIDER_KEY) as (
            process,
            printed,
        ),
    ):
        url_of_gateway = f"{printed['OPENAI_BASE_URL']}/chat/completions"
        key = {"authorization": f"Bearer {printed['OPENAI_API_KEY']}"}
        answer = httpx.post(url_of_gateway, json=ASK, headers=key, trust_env=False)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=20)
    assert (process.returncode, answer.status_code) == (0, 200)
    assert [dict(one["headers"])["x-api-key"] for one in upstream.strays()] == [PROVIDER_KEY]
    assert err.splitlines() == [
        f"Anthropic provider {url}, with ANTHROPIC_API_KEY",
        "model any; Ctrl-C ends it",
    ]
    assert PROVIDER_KEY not in out + err + str(printed)


def test_ctrl_c_does_not_wait_for_a_provider() -> None:
    sent = threading.Event()

    def hold(sock: socket.socket, number: int) -> None:
        read_request(sock)
        sent.set()
        sock.recv(1)

    with (
        listen(hold) as url,
        serve("--provider-openai", url, "--model", "any") as (process, printed),
    ):
        address = httpx.URL(printed["OPENAI_BASE_URL"])
        with socket.create_connection((address.host, int(address.port or 0))) as caller:
            body = json.dumps(ASK)
            lines = (
                "POST /v1/chat/completions HTTP/1.1",
                "host: gateway",
                "authorization: Bearer a-key",
                f"content-length: {len(body)}",
            )
            caller.sendall("\r\n".join([*lines, "", body]).encode())
            assert sent.wait(20)
            process.send_signal(signal.SIGINT)
            assert process.wait(20) == 0


def providers(openai: str = "", anthropic: str = "") -> own_providers.OwnProviders:
    behind = own_providers.read(
        {"models": ("any",), "provider_openai": openai, "provider_anthropic": anthropic}
    )
    assert behind is not None
    return behind


@pytest.mark.parametrize(("caller", "provider"), ROUTES)
def test_the_key_of_the_caller_is_passed_on(
    caller: str, provider: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in NO_KEY:
        monkeypatch.delenv(name, raising=False)
    upstream = Upstream()
    with serve_in_thread(upstream.respond) as url:
        behind = providers(**{provider: f"{url}/v1"})
        gateway = Gateway(provider=behind.forwarding)
        gateway.offer(behind.models)
        with serve_in_thread(behind.answer_callers(gateway.respond)) as address:
            statuses = []
            for key in (PROVIDER_KEY, "another", GATEWAY_KEY, "-"):
                sent = request(caller, ASK, key)
                if key == "-":
                    sent["headers"] = sent["headers"][:1]
                answer = httpx.post(
                    f"{address}{sent['path']}",
                    content=sent["body"],
                    headers=sent["headers"],
                    trust_env=False,
                )
                statuses.append(answer.status_code)
                assert key == "-" or key not in answer.text
    assert statuses == [200, 502, 502, 401]
    assert len(upstream.strays()) == 3


@pytest.mark.parametrize("unchanged", [False, True])
def test_responses_and_embeddings_reach_the_openai_provider(
    unchanged: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", PROVIDER_KEY)
    upstream = Upstream()
    with serve_in_thread(upstream.respond) as url:
        options = {"models": ("any",), "provider_openai": url}
        behind = own_providers.read(options | {"provider_responses": url if unchanged else ""})
        assert behind is not None
        gateway = Gateway(provider=behind.forwarding)
        gateway.offer(behind.models)
        for path in ("/v1/responses", "/v1/embeddings"):
            sent = request("openai", {"model": "any", "input": "Say yes"}, GATEWAY_KEY, path)
            assert gateway.respond(sent)["status"] == 200
    paths = [one["path"] for one in upstream.strays()]
    assert paths == ["/v1/responses" if unchanged else "/v1/chat/completions", "/v1/embeddings"]


def test_each_provider_has_a_key_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "key-of-openai")
    monkeypatch.delenv("ANTHROPIC_API_KEY", raising=False)
    behind = providers(openai="http://a.example/v1", anthropic="http://b.example")
    assert own_providers.note(behind).splitlines()[:3] == [
        "OpenAI provider http://a.example/v1, with OPENAI_API_KEY",
        "Anthropic provider http://b.example, with each caller's key",
        "Chat Completions go to the Anthropic provider, Messages to the OpenAI one",
    ]
    assert "KEY" not in own_providers.variables("http://gateway", behind)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--provider-openai", "localhost"], "--provider-openai: `localhost` is not a base URL"),
        (["--provider-openai", "http://a:99999"], "`http://a:99999` is not a URL"),
        (["--provider-openai", "http://user:secret@a"], "must not contain a user or password"),
        (["--provider-anthropic", "http://a/v1?b=c"], "a query is not forwarded"),
        (
            ["--provider-openai", "http://a/v1"],
            "--model and the base URL of a provider go together",
        ),
        (
            ["--provider-responses", "http://a", "--model", "m"],
            "is in addition to another provider",
        ),
        (["--model", "m"], "--model and the base URL of a provider go together"),
        (
            [*["--provider-openai", "http://a/v1", "--model", "m", "--variant", "transport.drops"]],
            "--variant transport.drops cannot wait for a provider",
        ),
    ],
)
def test_a_provider_that_cannot_be_used_is_one_line(words: list[str], message: str) -> None:
    result = pack_on_disk.harness("serve", *words)
    assert (result.code, len(result.lines)) == (4, 1)
    assert message in result.err
    assert "secret" not in result.err


@pytest.mark.parametrize("key", ["two words", "line\nbreak", "schlüssel"])
def test_a_key_that_no_header_can_carry_is_refused_without_repeating_it(
    key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", key)
    with pytest.raises(UsageError, match="OPENAI_API_KEY has no valid key") as raised:
        providers(openai="http://a/v1")
    assert key not in str(raised.value)
