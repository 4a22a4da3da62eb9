"""The official SDK, fed the same bytes, ends with the message that is assembled here."""

from __future__ import annotations

import json
from typing import Any

import pytest

from harness.decode.streams import anthropic as assemble
from harness.model import Event, Json
from tests.support.anthropic_streams import HARMLESS, Stream
from tests.support.wire_examples import WIRE, answer, protocol

# What the SDK's types do not know yet (anthropic.novel) it leaves out.
RIGHT = sorted(
    name for name in WIRE if protocol(name) == "anthropic" and not name.endswith(("error", "novel"))
)


def theirs(wire: bytes) -> Json:
    """The message as the SDK's own stream helper has accumulated it; no socket is opened."""
    anthropic = pytest.importorskip("anthropic")
    client = anthropic._base_client
    http = getattr(client, "httpx2", None) or client.httpx
    headers = {"content-type": "text/event-stream"}
    transport = http.MockTransport(
        lambda request: http.Response(200, headers=headers, content=wire)
    )
    speaker = anthropic.Anthropic(
        api_key="k", base_url="http://gateway.invalid", http_client=http.Client(transport=transport)
    )
    messages = [{"role": "user", "content": "a"}]
    with speaker.messages.stream(model="m", max_tokens=5, messages=messages) as stream:
        return json.loads(stream.get_final_message().to_json())


def kept(value: Json) -> Json:
    """Without what is null, which is the same as absent to a typed reader."""
    if isinstance(value, dict):
        return {key: kept(each) for key, each in value.items() if each is not None}
    return [kept(each) for each in value] if isinstance(value, list) else value


def compare(ours: Json, other: Json) -> None:
    assert kept(ours["content"]) == kept(other["content"])
    for key in ("id", "model", "role", "type", "stop_reason", "stop_sequence"):
        assert ours[key] == other[key]
    counts = {key: value for key, value in kept(other["usage"]).items() if key in ours["usage"]}
    assert counts == {key: kept(ours["usage"])[key] for key in counts}
    assert {"input_tokens", "output_tokens"} <= counts.keys()


@pytest.mark.parametrize("name", RIGHT)
def test_real_streams_end_alike(name: str) -> None:
    compare(answer(name, WIRE[name]).body, theirs(WIRE[name]))


@pytest.mark.parametrize("name", HARMLESS)
def test_harmless_streams_end_alike(name: str) -> None:
    stream: Stream = HARMLESS[name]
    events = [Event(n, each["type"], json.dumps(each)) for n, each in enumerate(stream)]
    body: Any = assemble(events)[0]
    wire = "".join(f"event: {each.event}\ndata: {each.data}\n\n" for each in events)
    compare(body, theirs(wire.encode()))
