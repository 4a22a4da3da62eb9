"""The embeddings endpoint of the mock provider: that of the reference gateway, for every model."""

from __future__ import annotations

from typing import Any

from harness.testbed.gateway.embeddings.endpoint import EmbeddingsEndpoint
from harness.testbed.gateway.endpoint import Headers
from harness.testbed.gateway.ids import ResponseIds
from harness.testbed.gateway.limits import Budget
from harness.testbed.gateway.model_types import Json
from harness.testbed.mock_provider.reply_script import Script
from harness.testbed.mock_provider.scripted_endpoint import ScriptedEndpoint


class EmbeddingsProvider(ScriptedEndpoint, EmbeddingsEndpoint):
    """Answers embeddings. Scripts of replies are about chats and do not change them."""

    def find_model(self, name: str) -> None:
        self.check_model_name(name)

    def headers(self, ids: ResponseIds, budget: Budget | None, used: int) -> Headers:
        return EmbeddingsEndpoint.headers(self, ids, budget, used)

    def error_object(self, script: Script, status: int, ids: ResponseIds) -> Json:
        kind, message = self.error_type_and_message(script, status)
        error: dict[str, Any] = {"message": message, "type": kind, "param": None, "code": None}
        return {"error": error}
