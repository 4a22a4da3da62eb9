"""The official SDK assembles the same message from the same bytes."""

from __future__ import annotations

import json
from typing import Any

import pytest

from harness.decode.streams import anthropic as assemble
from harness.model import Event, Json
from tests.support.anthropic_streams import CONFORMING, Stream
from tests.support.wire_examples import WIRE, answer, protocol

# The SDK omits types that it does not know (anthropic.novel).
NAMES = sorted(
    name for name in WIRE if protocol(name) == "anthropic" and not name.endswith(("error", "novel"))
)


def sdk_message(wire: bytes) -> Json:
    """Return the message that the SDK's stream helper assembles, without a network connection."""
    anthropic = pytest.importorskip("anthropic")
    module = anthropic._base_client
    http = getattr(module, "httpx2", None) or module.httpx
    headers = {"content-type": "text/event-stream"}
    transport = http.MockTransport(
        lambda request: http.Response(200, headers=headers, content=wire)
    )
    client = anthropic.Anthropic(
        api_key="k", base_url="http://gateway.invalid", http_client=http.Client(transport=transport)
    )
    messages = [{"role": "user", "content": "a"}]
    with client.messages.stream(model="m", max_tokens=5, messages=messages) as stream:
        return json.loads(stream.get_final_message().to_json())


def without_nulls(value: Json) -> Json:
    """Remove nulls, since a typed client does not distinguish null and absent."""
    if isinstance(value, dict):
        return {key: without_nulls(each) for key, each in value.items() if each is not None}
    return [without_nulls(each) for each in value] if isinstance(value, list) else value


def assert_same_message(assembled: Json, sdk_result: Json) -> None:
    assert without_nulls(assembled["content"]) == without_nulls(sdk_result["content"])
    for key in ("id", "model", "role", "type", "stop_reason", "stop_sequence"):
        assert assembled[key] == sdk_result[key]
    counts = {
        key: value
        for key, value in without_nulls(sdk_result["usage"]).items()
        if key in assembled["usage"]
    }
    assert counts == {key: without_nulls(assembled["usage"])[key] for key in counts}
    assert {"input_tokens", "output_tokens"} <= counts.keys()


@pytest.mark.parametrize("name", NAMES)
def test_the_sdk_assembles_the_wire_examples_alike(name: str) -> None:
    assert_same_message(answer(name, WIRE[name]).body, sdk_message(WIRE[name]))


@pytest.mark.parametrize("name", CONFORMING)
def test_the_sdk_assembles_conforming_streams_alike(name: str) -> None:
    stream: Stream = CONFORMING[name]
    events = [Event(n, each["type"], json.dumps(each)) for n, each in enumerate(stream)]
    body: Any = assemble(events)[0]
    wire = "".join(f"event: {each.event}\ndata: {each.data}\n\n" for each in events)
    assert_same_message(body, sdk_message(wire.encode()))
