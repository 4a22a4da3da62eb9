"""Upstream: requests of a gateway -> replies of a provider, all of them recorded. Judges nothing.

`Upstream().respond(request) -> reply`, with the dicts of the gateway. It speaks Messages, Chat
Completions and Responses, under paths with and without `/v1`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from harness.testbed.gateway.endpoint import EndpointBase, Reply, Request
from harness.testbed.gateway.ids import IdGenerator
from harness.testbed.mock_provider import correlation, reply_builder, reply_script
from harness.testbed.mock_provider.anthropic_provider import AnthropicProvider
from harness.testbed.mock_provider.openai_provider import OpenAIProvider
from harness.testbed.mock_provider.recording import Arrival, Record, Script
from harness.testbed.mock_provider.responses_provider import ResponsesProvider
from harness.testbed.mock_provider.scripted_endpoint import ScriptedEndpoint

SPOKEN = ("anthropic-version", "x-api-key")


class Upstream:
    """`replies`: marks that are expected from the start; `told`: is called with each arrival.

    `default_script`: what every reply starts from; the script of an arrival is merged over it.
    """

    def __init__(
        self,
        replies: Mapping[str, Script | None] | None = None,
        told: Callable[[Arrival], None] | None = None,
        default_script: Script | None = None,
    ) -> None:
        self._record, self._told, self._default_script = Record(), told, default_script or {}
        self._sealer = IdGenerator()
        self._fronts: dict[str, ScriptedEndpoint] = {
            "anthropic": AnthropicProvider(),
            "openai": OpenAIProvider(),
            "responses": ResponsesProvider(),
        }
        for mark, reply in (replies or {}).items():
            self.expect(mark, reply)

    def expect(self, mark: str, reply: Script | None) -> None:
        """What to play when a request with this mark arrives; None: as a right provider.

        The reply to an empty mark is for requests that bear none. Raises ValueError where a reply
        cannot be played.
        """
        reply_script.read(reply or {})
        self._record.expect(mark, reply)

    def taken(self, mark: str) -> list[Arrival]:
        return self._record.taken(mark)

    def strays(self) -> list[Arrival]:
        return self._record.strays()

    def respond(self, request: Request) -> Reply:
        protocol, path = self.place(request)
        arrival, told = self._record.arrive(request, protocol)
        plain = {**request, "path": path, "body": correlation.without(request["body"])}
        front = self._fronts[protocol or self.spoken(request)]
        reads = {**self._default_script, **(told or {})}
        playing: EndpointBase = front.given(reply_script.read(reads)) if reads else front
        reply = playing.respond(plain, self._sealer.seal(plain))
        arrival["status"] = reply_builder.status_of(reply)
        if self._told:
            self._told(arrival)
        return reply

    def place(self, request: Request) -> tuple[str, str]:
        """The protocol, which is nothing on an unknown path, and the path with its `/v1`."""
        path = request["path"]
        path = path if path.startswith("/v1/") else f"/v1{path}"
        page = path.partition("?")[0]
        if page in ("/v1/messages", "/v1/messages/count_tokens"):
            return "anthropic", path
        if page in ("/v1/chat/completions", "/v1/responses"):
            return "openai" if page.endswith("completions") else "responses", path
        if page == "/v1/models" or page.startswith("/v1/models/"):
            return self.spoken(request), path
        return "", path

    def spoken(self, request: Request) -> str:
        """Who speaks Anthropic says so in its headers."""
        said = any(name.lower() in SPOKEN for name, _ in request["headers"])
        return "anthropic" if said else "openai"
