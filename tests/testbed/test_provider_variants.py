"""The gateway gives the same answers with every variant of the provider."""

from __future__ import annotations

import itertools

import pytest

from harness.testbed.forward import Forwarding
from harness.testbed.gateway.gateway import Gateway
from harness.testbed.keys import GATEWAY_KEY as KEY
from harness.testbed.keys import PROVIDER_KEY
from harness.testbed.mock_provider.server import Upstream
from harness.testbed.mock_provider.variants import PROVIDER_VARIANTS, ProviderVariant
from tests.support.gateway_behind_provider import (
    BASES,
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

variants = pytest.mark.parametrize("variant", PROVIDER_VARIANTS, ids=lambda variant: variant.id)
routes = pytest.mark.parametrize(("caller", "provider"), ROUTES)
TOOLS = {
    "openai": [{"type": "function", "function": WEATHER}],
    "anthropic": [{"name": "get_weather", "input_schema": WEATHER["parameters"]}],
}


def answer(caller: str, provider: str, variant: ProviderVariant | None, more: Body) -> list[Body]:
    upstream = Upstream(default_script=variant.script if variant else None)
    gateway = Gateway(provider=Forwarding({provider: upstream.respond}, now=lambda: 0.0))
    reply = gateway.respond(request(caller, {**MESSAGE, **more}, KEY))
    assert reply["status"] == 200
    return events(reply) if more.get("stream") else [data(reply)]


def content(events_or_answer: list[Body]) -> list[Body]:
    """The content without token counts and ids, which differ between providers."""
    return [
        {name: part.get(name) for name in ("content", "choices", "delta", "content_block")}
        for part in events_or_answer
    ]


@routes
def test_variants_give_the_same_text(caller: str, provider: str) -> None:
    for more in ({"stream": False}, {"stream": True}):
        reference = content(answer(caller, provider, None, more))
        for variant in PROVIDER_VARIANTS:
            reply = content(answer(caller, provider, variant, more))
            assert (variant.id, reply) == (variant.id, reference)


@routes
def test_variants_give_the_same_calls(caller: str, provider: str) -> None:
    user = {"role": "user", "content": "What is the weather in Zürich and in Rome?"}
    more = {"messages": [user], "tools": TOOLS[caller], "stream": True}
    for variant in PROVIDER_VARIANTS:
        stream = str(answer(caller, provider, variant, more))
        assert "Zür" in stream, variant.id
        assert "Rom" in stream, variant.id
        assert stream.count("'get_weather'") == 2, variant.id


@variants
def test_script_takes_precedence_over_default_script(variant: ProviderVariant) -> None:
    upstream = Upstream({MARK: {"text": "scripted"}}, default_script=variant.script)
    for protocol, stream in itertools.product(PAGES, (False, True)):
        body = {**BASES[protocol], "model": "m", "stream": stream}
        reply = upstream.respond(request(protocol, body, PROVIDER_KEY))
        assert reply["status"] == 200
        data = b"".join(reply["chunks"])
        assert b"ready" not in data
        assert b"scripted" in data or stream
