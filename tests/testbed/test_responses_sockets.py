"""The official SDK reaches Responses and embeddings of a provider through the gateway."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import openai
import pytest

from harness.testbed.forward import Forwarding
from harness.testbed.forward.http_client import http_sender
from harness.testbed.gateway.gateway import Gateway
from harness.testbed.http_server.server import respond_in_threads, serve_in_thread
from harness.testbed.keys import GATEWAY_KEY
from harness.testbed.mock_provider.server import Upstream

PROVIDERS = [("anthropic",), ("openai",), ("openai", "responses")]


@contextmanager
def client(providers: tuple[str, ...]) -> Iterator[openai.OpenAI]:
    with serve_in_thread(Upstream().respond) as url:
        forwarding = Forwarding({name: http_sender(f"{url}/v1") for name in providers})
        gateway = Gateway(provider=forwarding)
        with (
            serve_in_thread(respond_in_threads(gateway.respond, 4)) as address,
            openai.OpenAI(api_key=GATEWAY_KEY, base_url=f"{address}/v1", max_retries=0) as one,
        ):
            yield one


@pytest.mark.parametrize("providers", PROVIDERS)
def test_conversation_goes_on_from_an_earlier_response(providers: tuple[str, ...]) -> None:
    with client(providers) as sdk:
        first = sdk.responses.create(model="builtin-1", input="My dog is called Rex.")
        later = sdk.responses.create(
            model="builtin-1",
            input="What is my dog called? Answer with the name only.",
            previous_response_id=first.id,
        )
    assert later.output_text == "Rex"
    assert later.previous_response_id == first.id


@pytest.mark.parametrize("providers", PROVIDERS)
def test_stream_helper_reads_the_whole_answer(providers: tuple[str, ...]) -> None:
    with (
        client(providers) as sdk,
        sdk.responses.stream(model="builtin-1", input="Count from 1 to 5.") as stream,
    ):
        pieces = [event.delta for event in stream if event.type == "response.output_text.delta"]
        final = stream.get_final_response()
    assert len(pieces) > 1
    assert "".join(pieces) == final.output_text


def test_embeddings_of_the_provider_are_numbers() -> None:
    with client(("openai",)) as sdk:
        both = sdk.embeddings.create(model="builtin-embedding-1", input=["a lamp", "bread"])
        one = sdk.embeddings.create(
            model="builtin-embedding-1", input="bread", encoding_format="float"
        )
    assert both.data[1].embedding == pytest.approx(one.data[0].embedding)
    assert both.data[0].embedding != both.data[1].embedding
