"""The mock provider: answers a gateway's requests as a provider does, and records them.

`Upstream().respond(request) -> reply` uses the dicts of the gateway. It serves Messages, Chat
Completions, Responses and embeddings, on paths with and without `/v1`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from harness.testbed.gateway.endpoint import Reply, Request
from harness.testbed.gateway.gateway import ANTHROPIC_HEADERS
from harness.testbed.gateway.ids import IdGenerator
from harness.testbed.mock_provider import correlation, reply_builder, reply_script
from harness.testbed.mock_provider.anthropic_provider import AnthropicProvider
from harness.testbed.mock_provider.embeddings_provider import EmbeddingsProvider
from harness.testbed.mock_provider.openai_provider import OpenAIProvider
from harness.testbed.mock_provider.recording import Arrival, Record, Script
from harness.testbed.mock_provider.responses_provider import ResponsesProvider
from harness.testbed.mock_provider.scripted_endpoint import ScriptedEndpoint


class Upstream:
    """The mock provider of all protocols."""

    def __init__(
        self,
        scripts: Mapping[str, Script | None] | None = None,
        on_arrival: Callable[[Arrival], None] | None = None,
        default_script: Script | None = None,
        keep: bool = True,
    ) -> None:
        """Builds the provider.

        Args:
            scripts: Scripts by correlation id, as for `expect`.
            on_arrival: Is called with each recorded request.
            default_script: The script of every reply; scripts of requests are merged over it.
            keep: Whether requests are recorded for `take` and `strays`.
        """
        self._keep = keep
        self._record, self._on_arrival = Record(), on_arrival
        self._default_script = default_script or {}
        self._ids = IdGenerator()
        self._endpoints: dict[str, ScriptedEndpoint] = {
            "anthropic": AnthropicProvider(),
            "openai": OpenAIProvider(),
            "responses": ResponsesProvider(),
            "embeddings": EmbeddingsProvider(),
        }
        for correlation_id, script in (scripts or {}).items():
            self.expect(correlation_id, script)

    def expect(self, correlation_id: str, script: Script | None) -> None:
        """Sets the reply to requests with this correlation id.

        Args:
            correlation_id: An empty one stands for requests that have none.
            script: The reply; None answers as a compliant provider.

        Raises:
            ValueError: The script is invalid.
        """
        reply_script.parse(script or {})
        self._record.expect(correlation_id, script)

    def take(self, correlation_id: str) -> list[Arrival]:
        """Returns the requests with this correlation id and stops expecting more."""
        return self._record.take(correlation_id)

    def strays(self) -> list[Arrival]:
        """Returns the requests without an expected correlation id since the last call."""
        return self._record.strays()

    def respond(self, request: Request) -> Reply:
        """Records and answers one HTTP request."""
        protocol, path = self._locate(request)
        arrival, script = self._record.arrive(request, protocol, self._keep)
        request = {**request, "path": path, "body": correlation.remove(request["body"])}
        endpoint = self._endpoints[protocol or self._header_protocol(request)]
        merged = {**self._default_script, **(script or {})}
        if merged:
            endpoint = endpoint.with_script(reply_script.parse(merged))
        reply = endpoint.respond(request, self._ids.ids_for(request))
        arrival["status"] = reply_builder.visible_status(reply)
        arrival["refusal"] = reply_builder.error_message(reply)
        if self._on_arrival:
            self._on_arrival(arrival)
        return reply

    def _locate(self, request: Request) -> tuple[str, str]:
        """Returns the protocol, empty for an unknown path, and the path with `/v1`."""
        path = request["path"]
        path = path if path.startswith("/v1/") else f"/v1{path}"
        page = path.partition("?")[0]
        if page in ("/v1/messages", "/v1/messages/count_tokens"):
            return "anthropic", path
        if page in ("/v1/chat/completions", "/v1/responses"):
            return "openai" if page.endswith("completions") else "responses", path
        if page == "/v1/embeddings":
            return "embeddings", path
        if page == "/v1/models" or page.startswith("/v1/models/"):
            return self._header_protocol(request), path
        return "", path

    def _header_protocol(self, request: Request) -> str:
        is_anthropic = any(name.lower() in ANTHROPIC_HEADERS for name, _ in request["headers"])
        return "anthropic" if is_anthropic else "openai"
