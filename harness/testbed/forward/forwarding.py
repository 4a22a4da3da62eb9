"""Forwards model requests to the providers behind the gateway.

If there are providers of both protocols, each endpoint forwards to the provider of the other
protocol, because translation is what the test bed exercises. Responses are translated too, unless
there is a provider of that protocol.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

from harness.testbed.forward import responses_only
from harness.testbed.forward.provider_client import Send
from harness.testbed.forward.to_anthropic import ToAnthropic
from harness.testbed.forward.to_embeddings import ToEmbeddings
from harness.testbed.forward.to_openai import ToOpenAI
from harness.testbed.forward.to_responses import ToResponses
from harness.testbed.gateway.errors import bad_value
from harness.testbed.gateway.model_types import ModelReply, ModelRequest
from harness.testbed.keys import PROVIDER_KEY

OTHER = {"openai": "anthropic", "anthropic": "openai"}


class Forwarding:
    """The provider clients of a gateway. Its methods are hooks, see `gateway`."""

    def __init__(
        self,
        providers: Mapping[str, Send],
        key: str = PROVIDER_KEY,
        now: Callable[[], float] = time.time,
    ) -> None:
        """Builds one client per provider.

        Args:
            providers: For each protocol, the function that sends a request and returns the reply.
                A provider of Chat Completions has embeddings as well, unless there is another.
                Callers of Responses reach a provider of that protocol, or else one of the others.
            key: The API key for the providers.
            now: Unix seconds, used to convert rate limit resets.
        """
        client_types: dict[str, type[ToAnthropic] | type[ToOpenAI]] = {
            "anthropic": ToAnthropic,
            "openai": ToOpenAI,
        }
        self.clients = {
            protocol: client_type(providers[protocol], key, now)
            for protocol, client_type in client_types.items()
            if protocol in providers
        }
        send = providers.get("embeddings") or providers.get("openai")
        self.embeddings = ToEmbeddings(send, key, now) if send else None
        send = providers.get("responses")
        self.responses = ToResponses(send, key, now) if send else None

    @property
    def speaks_openai(self) -> bool:
        """Whether callers of Chat Completions reach a provider of their own protocol."""
        return "anthropic" not in self.clients

    def client_for(self, request: ModelRequest) -> ToAnthropic | ToOpenAI | ToResponses:
        """Returns the client of the provider that answers a request."""
        if request.original is not None and self.responses:
            return self.responses
        protocol = request.caller_protocol
        return self.clients.get(OTHER[protocol]) or self.clients[protocol]

    def forward(self, request: ModelRequest) -> ModelReply:
        """The entry point of endpoints; looks `complete` up late, since it may be overridden.

        Raises RequestError for what would have to be translated, and cannot be.
        """
        if request.original is None:
            self.check_chat(request)
        elif not self.responses:
            self.check_responses(request)
        return self.complete(request)

    def check_responses(self, request: ModelRequest) -> None:
        """Refuses fields of Responses that the provider lacks."""
        provider = self.client_for(request).protocol
        if name := responses_only.find_untranslatable(request.original, provider):
            raise bad_value(name, responses_only.MESSAGE, "unsupported_parameter")

    def check_chat(self, request: ModelRequest) -> None:
        """Refuses log probabilities, which no provider is asked for, and formats of OpenAI's."""
        to_openai = self.client_for(request).protocol == "openai"
        is_format = request.json_schema is not None and request.caller_protocol == "openai"
        unsupported = {
            "response_format": is_format and not to_openai,
            "logprobs": request.options.get("logprobs"),
        }
        for name in (name for name, is_set in unsupported.items() if is_set):
            message = "the providers of this gateway do not support it."
            raise bad_value(name, message, "unsupported_parameter")

    def forward_count(self, request: ModelRequest) -> int:
        return self.count(request)

    def complete(self, request: ModelRequest) -> ModelReply:
        return self.client_for(request).complete(request)

    def count(self, request: ModelRequest) -> int:
        client = self.client_for(request)
        assert not isinstance(client, ToResponses), "only Messages has requests that count"
        return client.count(request)
