"""A client reads the same answer from a socket, whatever the spelling of HTTP, JSON and events."""

from __future__ import annotations

import pytest

from harness.decode.response import read
from harness.model import Answer, Call, Exchange, Mode, Shot
from harness.prove.in_process import answer as answer_in_process
from harness.testbed.base import Variant
from harness.testbed.gateway.gateway import Gateway, Overrides
from harness.testbed.http_server.server import serve_in_thread
from harness.testbed.keys import GATEWAY_KEY
from harness.testbed.mutants.wire import WIRE_MUTANTS
from harness.testbed.variants.event_streams import EVENT_STREAMS
from harness.testbed.variants.spellings import SPELLINGS
from harness.testbed.variants.wire import WIRE
from tests.support.raw_server import send_calls, transport_to

KEY = [("authorization", f"Bearer {GATEWAY_KEY}")]
MODES: tuple[Mode, ...] = ("plain", "stream")
VARIANTS = {variant.id: variant for variant in (*SPELLINGS, *EVENT_STREAMS, *WIRE)}
MUTANTS = {mutant.id: mutant for mutant in WIRE_MUTANTS if mutant.case.startswith("openai-chat")}


def call(mode: Mode) -> Call:
    body = {
        "model": "builtin-1",
        "messages": [{"role": "user", "content": "Repeat exactly: Grüße/7, 世界 🌍"}],
        **({"stream": True, "stream_options": {"include_usage": True}} if mode == "stream" else {}),
    }
    headers = (("accept-encoding", "gzip, deflate"),)
    return Call("openai", "POST", "/chat/completions", headers=headers, body=body)


def send(overrides: Overrides, mode: Mode) -> list[Exchange]:
    """Send the call twice over one connection, so that excess bytes of the first would show."""
    with serve_in_thread(Gateway(overrides, pace=0.0).respond) as url:
        transport = transport_to(f"{url}/v1", keys={"key": GATEWAY_KEY})
        return send_calls(transport, [call(mode), call(mode)]).exchanges


def answers(exchanges: list[Exchange], mode: Mode) -> list[Answer]:
    return [read(exchange, "openai", mode, call(mode).body) for exchange in exchanges]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", VARIANTS)
def test_a_permitted_spelling_gives_the_same_answer(name: str, mode: Mode) -> None:
    variant: Variant = VARIANTS[name]
    expected = answers(send({}, mode), mode)
    for got, usual in zip(answers(send(variant.overrides, mode), mode), expected, strict=True):
        assert (got.end, got.status, got.unreadable) == ("complete", 200, "")
        assert got.body == usual.body
        assert [v for v in got.violations if v.level == "must"] == []


@pytest.mark.parametrize("name", MUTANTS)
def test_a_wrong_spelling_is_received_alike_in_process_and_from_a_socket(name: str) -> None:
    overrides = MUTANTS[name].override
    mode: Mode = "stream" if MUTANTS[name].case.endswith("stream.chunks") else "plain"
    on_socket = send(overrides, mode)[0]
    request = {
        "method": "POST",
        "path": "/v1/chat/completions",
        "headers": [*KEY, *(p for p in on_socket.request_headers if p[0] == "accept-encoding")],
        "body": on_socket.request_body.encode(),
    }
    shot = Shot("s", "probe", "", mode, "", call(mode))
    in_process = answer_in_process(Gateway(overrides, pace=0.0), shot, request)
    assert (on_socket.end, on_socket.status) == (in_process.end, in_process.status)
    first, second = answers([on_socket, in_process], mode)
    assert first.violations == second.violations
    assert bool(first.unreadable) == bool(second.unreadable)
