"""The Responses endpoint of the mock provider.

It supports instructions, texts, images and function tools, and stores responses.
"""

from __future__ import annotations

from typing import ClassVar

from harness.testbed.gateway.endpoint import Body, Routes
from harness.testbed.gateway.ids import ResponseIds
from harness.testbed.gateway.model_types import Json, ModelReply, ModelRequest
from harness.testbed.gateway.responses.conversations import Conversations
from harness.testbed.gateway.responses.response_writer import ResponsesWriter
from harness.testbed.gateway.responses.stored import Stored, StoredResponses
from harness.testbed.gateway.responses.translation import as_chat
from harness.testbed.mock_provider import responses_validation as rules
from harness.testbed.mock_provider.openai_provider import OpenAIProvider

MAX_KEPT = 20_000  # bytes of a conversation; a gateway under test is not to fill the memory


class ResponsesProvider(Conversations, ResponsesWriter, OpenAIProvider):
    """The Responses API of the mock provider. Copies that follow a script store together."""

    routes: ClassVar[Routes] = {"/v1/responses": ("POST", "chat")}
    delta_marks: ClassVar[tuple[bytes, ...]] = (b".delta\n",)

    def __init__(self) -> None:
        super().__init__()
        self._stored = StoredResponses()

    def check(self, body: Body) -> None:
        rules.check(body)
        rules.check_conversation({**body, "input": self.conversation(body)})

    def read_request(self, body: Body) -> ModelRequest:
        return super().read_request(as_chat({**body, "input": self.conversation(body)}))

    def incomplete_reason(self, reply: ModelReply) -> Json:
        return self.native_reason(super().incomplete_reason(reply))

    def completion(self, body: Body, reply: ModelReply, ids: ResponseIds) -> Body:
        answer = {**super().completion(body, reply, ids), **self.extra_fields()}
        self.keep(body, answer)
        return answer

    def remember(self, response: Stored) -> None:
        """Stores a response, unless its conversation is larger than that of any case."""
        if len(self.dumps([response.conversation, response.answer])) <= MAX_KEPT:
            super().remember(response)

    def argument_pieces(self, arguments: str) -> list[str]:
        return self.scripted_fragments(arguments, [arguments])

    def error_frame(self, error: Json) -> bytes:
        fields = error["error"]
        return self.named_frame(
            {**fields, "type": "error", "code": fields["type"], "sequence_number": 99}
        )
