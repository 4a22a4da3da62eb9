"""The mock provider runs in a separate process."""

from __future__ import annotations

import json

import httpx
import pytest

from harness.testbed.keys import PROVIDER_KEY as KEY
from harness.testbed.mock_provider.control import execute
from harness.testbed.mock_provider.process import UpstreamProcess
from harness.testbed.mock_provider.server import Upstream
from tests.support.gateway_behind_provider import CHAT, MARK, PAGES

AUTH = {"authorization": f"Bearer {KEY}"}


def test_process_sends_scripted_replies_and_returns_arrivals() -> None:
    with UpstreamProcess() as upstream:
        upstream.expect(MARK, {"text": "Grüße"})
        with httpx.Client(base_url=upstream.url, headers=AUTH, trust_env=False) as client:
            completion = client.post(PAGES["openai"], json=CHAT).json()
            client.get("/v1/models")
        (arrival,) = upstream.take(MARK)
        (stray,) = upstream.strays()
        assert upstream.take(MARK) == []
    assert completion["choices"][0]["message"]["content"] == "Grüße"
    assert (arrival["status"], arrival["protocol"]) == (200, "openai")
    assert ("authorization", AUTH["authorization"]) in arrival["headers"]
    assert json.loads(arrival["body"]) == CHAT
    assert (stray["method"], stray["path"]) == ("GET", "/v1/models")


def test_invalid_script_is_reported() -> None:
    with UpstreamProcess() as upstream, pytest.raises(ValueError, match="no such key: txt"):
        upstream.expect(MARK, {"txt": "x"})


def test_port_in_use_is_reported() -> None:
    with UpstreamProcess() as first:
        port = int(first.url.rpartition(":")[2])
        with (
            UpstreamProcess(port=port) as second,
            pytest.raises(OSError, match=f"listen on .*{port}"),
        ):
            second.strays()


def test_ended_process_is_reported() -> None:
    with UpstreamProcess() as upstream:
        assert upstream.strays() == []
        upstream._process.kill()
        with pytest.raises(OSError, match=r"ended|pipe"):
            upstream.strays()
        upstream.close()


@pytest.mark.parametrize("line", [b"", b"[]", b"7", b'{"judge": 1}', b'{"expect": ["a"]}', b"{}"])
def test_invalid_command_is_answered_with_an_error(line: bytes) -> None:
    assert set(json.loads(execute(Upstream(), line))) == {"error"}
