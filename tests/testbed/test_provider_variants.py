"""Providers that are right in another way: the gateway before them says the same."""

from __future__ import annotations

import pytest

from harness.testbed.forward import Forwarding
from harness.testbed.gateway.gateway import Gateway
from harness.testbed.keys import GATEWAY_KEY as KEY
from harness.testbed.mock_provider import Upstream
from harness.testbed.mock_provider.variants import PROVIDER_VARIANTS, ProviderVariant
from tests.support.gateway_behind_provider import (
    MARK,
    MESSAGE,
    PAGES,
    ROUTES,
    WEATHER,
    Body,
    data,
    events,
    request,
)

usuals = pytest.mark.parametrize("usual", PROVIDER_VARIANTS, ids=lambda usual: usual.id)
TOOLS = {
    "openai": [{"type": "function", "function": WEATHER}],
    "anthropic": [{"name": "get_weather", "input_schema": WEATHER["parameters"]}],
}


def answer(front: str, provider: str, usual: ProviderVariant | None, more: Body) -> list[Body]:
    upstream = Upstream(default_script=usual.script if usual else None)
    gateway = Gateway(provider=Forwarding({provider: upstream.respond}, now=lambda: 0.0))
    reply = gateway.respond(request(front, {**MESSAGE, **more}, KEY))
    assert reply["status"] == 200
    return events(reply) if more.get("stream") else [data(reply)]


def words(told: list[Body]) -> list[Body]:
    """Without figures and ids, which are each provider's own."""
    return [
        {name: one.get(name) for name in ("content", "choices", "delta", "content_block")}
        for one in told
    ]


@usuals
@pytest.mark.parametrize(("front", "provider"), ROUTES)
@pytest.mark.parametrize("stream", [False, True])
def test_the_same_is_said(front: str, provider: str, usual: ProviderVariant, stream: bool) -> None:
    more = {"stream": stream}
    assert words(answer(front, provider, usual, more)) == words(answer(front, provider, None, more))


@usuals
@pytest.mark.parametrize(("front", "provider"), ROUTES)
def test_the_same_is_called(front: str, provider: str, usual: ProviderVariant) -> None:
    user = {"role": "user", "content": "What is the weather in Zürich and in Rome?"}
    more = {"messages": [user], "tools": TOOLS[front], "stream": True}
    told = str(answer(front, provider, usual, more))
    assert "Zür" in told
    assert "Rom" in told
    assert told.count("'get_weather'") == 2


@usuals
@pytest.mark.parametrize("protocol", PAGES)
def test_a_script_goes_before_manners(protocol: str, usual: ProviderVariant) -> None:
    upstream = Upstream({MARK: {"text": "played"}}, default_script=usual.script)
    for stream in (False, True):
        body = {"model": "m", "stream": stream}
        told = {"input": f"Hi [ref:{MARK}]"} if protocol == "responses" else MESSAGE
        key = "sk-upstream-0123456789abcdef"
        reply = upstream.respond(request(protocol, {**told, **body}, key))
        assert reply["status"] == 200
        letters = b"".join(reply["chunks"])
        assert b"ready" not in letters
        assert b"played" in letters or stream
