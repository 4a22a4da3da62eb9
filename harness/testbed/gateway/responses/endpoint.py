"""The Responses endpoint of the reference gateway.

Each method is a hook that a mutant can override.
"""

from __future__ import annotations

from threading import Lock
from typing import Any, ClassVar

from harness.testbed.gateway.endpoint import Body, Routes
from harness.testbed.gateway.errors import RequestError
from harness.testbed.gateway.ids import ResponseIds
from harness.testbed.gateway.model_types import Json, ModelReply, ModelRequest
from harness.testbed.gateway.openai.endpoint import OpenAIEndpoint
from harness.testbed.gateway.responses import validation
from harness.testbed.gateway.responses.response_writer import ResponsesWriter
from harness.testbed.gateway.responses.translation import as_chat

MAX_STORED = 1000  # conversations; the oldest is forgotten


class ResponsesEndpoint(ResponsesWriter, OpenAIEndpoint):
    """Answers `/v1/responses` as OpenAI's reference describes it."""

    routes: ClassVar[Routes] = {"/v1/responses": ("POST", "chat")}

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self._stored: dict[str, list[Json]] = {}
        self._lock = Lock()

    def check(self, body: Body) -> None:
        validation.check(body)

    def read_request(self, body: Body) -> ModelRequest:
        return super().read_request(as_chat({**body, "input": self.conversation(body)}))

    def conversation(self, body: Body) -> list[Json]:
        """Returns the items of the earlier response, and those of the request."""
        earlier = body.get("previous_response_id")
        return [*(self.recall(earlier) if earlier else ()), *items_of(body)]

    def recall(self, response_id: str) -> list[Json]:
        with self._lock:
            if response_id in self._stored:
                return self._stored[response_id]
        raise RequestError(
            404,
            f"Previous response with id '{response_id}' not found.",
            param="previous_response_id",
            code="previous_response_not_found",
        )

    def completion(self, body: Body, reply: ModelReply, ids: ResponseIds) -> Body:
        answer = super().completion(body, reply, ids)
        if answer["store"]:
            self.remember(answer["id"], [*self.conversation(body), *answer["output"]])
        return answer

    def remember(self, response_id: str, items: list[Json]) -> None:
        with self._lock:
            self._stored[response_id] = items
            if len(self._stored) > MAX_STORED:
                del self._stored[next(iter(self._stored))]


def items_of(body: Body) -> list[Json]:
    """Returns the input as a list of items."""
    data = body["input"]
    return [{"role": "user", "content": data}] if isinstance(data, str) else list(data)
