"""The reference gateway: OpenAI and Anthropic endpoints in front of one model.

`Gateway(overrides).respond(request) -> reply`. Both are plain dicts:
request: {"method", "path", "headers": [(name, value)], "body": bytes}
reply: {"status", "headers": [(name, value)], "chunks": [bytes], "pauses": [seconds before each
chunk], "framing": "length" | "chunked" | "close", "end": "keep" | "close" | "drop" |
"reset" (a drop with a TCP reset) | "hang-up" (promises to keep the connection and closes it)}

Each method of an endpoint is a hook. An override replaces one hook by a function that receives the
original hook and its arguments:
{"finish_reason": lambda original, reply: original(reply).upper()}

The endpoints of Chat Completions are two: `/v1` answers as OpenAI's reference describes it, and
`/compat/v1` as Anthropic's page about its OpenAI compatibility does, with some fields ignored.

The name of a hook selects the object that it belongs to:
"finish_reason"             the OpenAI endpoints
"chat.finish_reason"        the one below /v1 only
"anthropic.finish_reason"   the Anthropic endpoint
"responses.echo"            the Responses endpoint
"embeddings.vector"         the embeddings endpoint
"both.frames"               all endpoints that have it
"forward.complete"          the forwarding to a provider
"forward.anthropic.limit"   the client of an Anthropic provider
"forward.responses.body"    the client of a provider of Responses
"forward.embeddings.body"   the client of a provider of embeddings
Hooks of the forwarding have no effect on a gateway without a provider. A mutant overrides exactly
one hook, a variant may override several.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from harness.testbed.forward import Forwarding
from harness.testbed.gateway import COMPAT, model_provider
from harness.testbed.gateway.anthropic.endpoint import AnthropicEndpoint
from harness.testbed.gateway.embeddings.endpoint import EmbeddingsEndpoint
from harness.testbed.gateway.endpoint import EndpointBase, Reply, Request
from harness.testbed.gateway.ids import IdGenerator
from harness.testbed.gateway.limits import Bucket, Budget, Unlimited
from harness.testbed.gateway.model_types import ModelReply, ModelRequest
from harness.testbed.gateway.openai.compat_endpoint import CompatEndpoint
from harness.testbed.gateway.openai.endpoint import OpenAIEndpoint
from harness.testbed.gateway.responses.endpoint import ResponsesEndpoint
from harness.testbed.keys import GATEWAY_KEY, LIMITED_GATEWAY_KEY

LIMITED_BURST, LIMITED_RATE = 20, 0.5
MAX_BODY = 32 * 2**20
PACE = 0.002
# On a path that both protocols have, these headers identify a caller of the Anthropic protocol.
ANTHROPIC_HEADERS = ("anthropic-version", "x-api-key")

Override = Callable[..., Any]
Overrides = Mapping[str, Override]


class Gateway:
    """The reference gateway, or a mutant or variant of it.

    Args:
        overrides: Functions by hook name.
        rpm: Requests per minute for the normal key. Without a limit, the rate limit headers
            depend on the request alone.
        clock: Monotonic seconds.
        max_body: The largest accepted request body, in bytes.
        pace: Seconds between two pieces of a stream.
        complete: The model that answers, if there is no provider.
        provider: The providers that requests are forwarded to.
    """

    def __init__(
        self,
        overrides: Overrides | None = None,
        *,
        rpm: int = 0,
        clock: Callable[[], float] = time.monotonic,
        max_body: int = MAX_BODY,
        pace: float = PACE,
        complete: Callable[[ModelRequest], ModelReply] = model_provider.complete,
        provider: Forwarding | None = None,
    ) -> None:
        budgets = budgets_by_key(rpm, clock)
        self.max_body, self.provider = max_body, provider
        self._ids = IdGenerator()
        model = complete if provider is None else provider.forward
        self.openai = OpenAIEndpoint(model, budgets, max_body, pace)
        self.compat = CompatEndpoint(model, budgets, max_body, pace)
        self.anthropic = AnthropicEndpoint(model, budgets, max_body, pace)
        self.responses = ResponsesEndpoint(model, budgets, max_body, pace)
        self.embeddings = EmbeddingsEndpoint(model, budgets, max_body, pace)
        if provider is not None:
            self.connect(provider)
        for name, override in (overrides or {}).items():
            for owner, hook in self.hooks(name):
                setattr(owner, hook, partial(override, getattr(owner, hook)))

    def offer(self, models: Sequence[str]) -> None:
        """Sets the names of the models that all endpoints know."""
        own = (self.openai, self.compat, self.anthropic, self.responses, self.embeddings)
        for endpoint in own:
            endpoint.models_offered = models

    def connect(self, provider: Forwarding) -> None:
        """Leaves to the provider what only it can do."""
        self.openai.passes_parts = provider.speaks_openai
        self.responses.has_model = False
        self.anthropic.count_input_tokens = provider.forward_count  # type: ignore[method-assign]
        if client := provider.embeddings:
            self.embeddings.answer = lambda body: client.answer(body)  # type: ignore[method-assign]

    def hooks(self, name: str) -> list[tuple[object, str]]:
        """Returns the objects that a hook name selects, each with the name of its method."""
        prefix, _, hook = name.rpartition(".")
        if prefix.startswith("forward"):
            return [(owner, hook) for owner in self._forwarding_objects(prefix)]
        endpoints: dict[str, list[EndpointBase]] = {
            "": [self.openai, self.compat],
            "chat": [self.openai],
            "anthropic": [self.anthropic],
            "responses": [self.responses],
            "embeddings": [self.embeddings],
            "both": [self.openai, self.compat, self.anthropic, self.responses],
        }
        if prefix == "both" and hasattr(self.embeddings, hook):
            endpoints["both"].append(self.embeddings)
        return [(endpoint, hook) for endpoint in endpoints[prefix]]

    def _forwarding_objects(self, prefix: str) -> list[object]:
        """Returns the forwarding, or its client for one protocol. Empty without a provider."""
        if self.provider is None:
            return []
        _, _, protocol = prefix.partition(".")
        others: dict[str, object] = {
            "": self.provider,
            "embeddings": self.provider.embeddings,
            "responses": self.provider.responses,
        }
        owner = others.get(protocol) or self.provider.clients.get(protocol)
        return [] if owner is None else [owner]

    def respond(self, request: Request) -> Reply:
        """Answers one HTTP request."""
        endpoint = self.endpoint_for(request)
        request = {**request, "path": path_below_root(request)}
        return endpoint.respond(request, self._ids.ids_for(request))

    def endpoint_for(self, request: Request) -> EndpointBase:
        """Selects the endpoint by the path. On a shared path, the headers decide."""
        path = path_below_root(request)
        openai = self.openai if path == request["path"] else self.compat
        if path.startswith("/v1/messages"):
            return self.anthropic
        if path.startswith("/v1/responses"):
            return self.responses
        if path.startswith("/v1/embeddings"):
            return self.embeddings
        if path.startswith("/v1/chat/"):
            return openai
        is_anthropic = any(name.lower() in ANTHROPIC_HEADERS for name, _ in request["headers"])
        return self.anthropic if is_anthropic else openai


def budgets_by_key(rpm: int, clock: Callable[[], float]) -> dict[str, Callable[[], Budget]]:
    """Returns for each key what takes a request from its limit; 0 requests per minute: no limit."""
    normal = Bucket(rpm, rpm / 60, clock) if rpm else Unlimited()
    limited = Bucket(LIMITED_BURST, LIMITED_RATE, clock)
    return {GATEWAY_KEY: normal.take, LIMITED_GATEWAY_KEY: limited.take}


def path_below_root(request: Request) -> str:
    """Returns the path without the prefix that selects the compatibility layer."""
    path = str(request["path"])
    return path.removeprefix(COMPAT) if path.startswith(f"{COMPAT}/") else path
