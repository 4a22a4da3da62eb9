"""The embeddings endpoint of the mock provider: that of the reference gateway, for every model."""

from __future__ import annotations

import copy
from typing import Any

from harness.testbed.gateway.embeddings.endpoint import EmbeddingsEndpoint, Tokens, Vector
from harness.testbed.gateway.endpoint import Body, Headers
from harness.testbed.gateway.ids import ResponseIds
from harness.testbed.gateway.limits import Budget
from harness.testbed.gateway.model_types import Json
from harness.testbed.mock_provider.reply_script import Script
from harness.testbed.mock_provider.scripted_endpoint import ScriptedEndpoint


class EmbeddingsProvider(ScriptedEndpoint, EmbeddingsEndpoint):
    """Answers embeddings. Scripts can change the usage, add members, or replace the answer."""

    def find_model(self, name: str) -> None:
        self.check_model_name(name)

    model: str = ""

    def answer(self, body: Body) -> Body:
        """Answers with embeddings of the model of the request: those of others are different."""
        endpoint = copy.copy(self)
        endpoint.model = body["model"]
        return {**EmbeddingsEndpoint.answer(endpoint, body), **self.extra_fields()}

    def vector(self, tokens: Tokens, size: int) -> Vector:
        return super().vector([*tokens, f"model {self.model}"], size)

    def usage(self, tokens: int) -> Body:
        return super().usage(self.script.usage.get("input", tokens) if self.script else tokens)

    def headers(self, ids: ResponseIds, budget: Budget | None, used: int) -> Headers:
        return EmbeddingsEndpoint.headers(self, ids, budget, used)

    def error_object(self, script: Script, status: int, ids: ResponseIds) -> Json:
        kind, message = self.error_type_and_message(script, status)
        error: dict[str, Any] = {"message": message, "type": kind, "param": None, "code": None}
        return {"error": error}
