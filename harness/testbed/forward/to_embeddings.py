"""Forwards embeddings requests to a provider of the same protocol.

Each method is a hook that a mutant can override.
"""

from __future__ import annotations

from typing import ClassVar

from harness.testbed.forward.provider_client import JSON, ProviderClient
from harness.testbed.gateway.endpoint import Body, Headers
from harness.testbed.gateway.model_types import ModelRequest


class ToEmbeddings(ProviderClient):
    """Sends embeddings requests unchanged, with the key of the gateway."""

    path: ClassVar[str] = "/v1/embeddings"
    protocol: ClassVar[str] = "openai"  # of its errors and headers

    def answer(self, body: Body) -> Body:
        """Returns the provider's answer to the caller's body. Raises RequestError."""
        request = ModelRequest(body["model"], "", (), caller_protocol="openai", body=body)
        reply = self.exchange(self.path, request, self.body(request))
        return self.read_body(reply)

    def headers(self, request: ModelRequest) -> Headers:
        return [JSON, *self.auth(request)]

    def auth(self, request: ModelRequest) -> Headers:
        """Sends the provider's key. Must not forward the key of the caller."""
        return [("authorization", f"Bearer {self.key}")]

    def body(self, request: ModelRequest) -> Body:
        return dict(request.body)
