"""The gateway gives the same answers with every variant of the provider."""

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

provider_variants = pytest.mark.parametrize(
    "variant", PROVIDER_VARIANTS, ids=lambda variant: variant.id
)
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


def words(answers_text: list[Body]) -> list[Body]:
    """Without figures and ids, which are each provider's own."""
    return [
        {name: one.get(name) for name in ("content", "choices", "delta", "content_block")}
        for one in answers_text
    ]


@provider_variants
@pytest.mark.parametrize(("caller", "provider"), ROUTES)
@pytest.mark.parametrize("stream", [False, True])
def test_variant_gives_the_same_text(
    caller: str, provider: str, variant: ProviderVariant, stream: bool
) -> None:
    more = {"stream": stream}
    assert words(answer(caller, provider, variant, more)) == words(
        answer(caller, provider, None, more)
    )


@provider_variants
@pytest.mark.parametrize(("caller", "provider"), ROUTES)
def test_variant_gives_the_same_calls(caller: str, provider: str, variant: ProviderVariant) -> None:
    user = {"role": "user", "content": "What is the weather in Zürich and in Rome?"}
    more = {"messages": [user], "tools": TOOLS[caller], "stream": True}
    answers_text = str(answer(caller, provider, variant, more))
    assert "Zür" in answers_text
    assert "Rom" in answers_text
    assert answers_text.count("'get_weather'") == 2


@provider_variants
@pytest.mark.parametrize("protocol", PAGES)
def test_script_takes_precedence_over_default_script(
    protocol: str, variant: ProviderVariant
) -> None:
    upstream = Upstream({MARK: {"text": "played"}}, default_script=variant.script)
    for stream in (False, True):
        body = {"model": "m", "stream": stream}
        answers_text = {"input": f"Hi [ref:{MARK}]"} if protocol == "responses" else MESSAGE
        key = "sk-upstream-0123456789abcdef"
        reply = upstream.respond(request(protocol, {**answers_text, **body}, key))
        assert reply["status"] == 200
        letters = b"".join(reply["chunks"])
        assert b"ready" not in letters
        assert b"played" in letters or stream
