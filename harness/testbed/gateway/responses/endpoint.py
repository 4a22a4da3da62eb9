"""The Responses endpoint of the reference gateway.

Each method is a hook that a mutant can override.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, ClassVar

from harness.testbed.gateway import tokenizer
from harness.testbed.gateway.endpoint import Body, Reply, Request, Routes
from harness.testbed.gateway.ids import ResponseIds
from harness.testbed.gateway.limits import Budget
from harness.testbed.gateway.model_types import ModelReply, ModelRequest
from harness.testbed.gateway.openai.endpoint import OpenAIEndpoint
from harness.testbed.gateway.responses import stored, validation
from harness.testbed.gateway.responses.conversations import Conversations
from harness.testbed.gateway.responses.response_writer import ResponsesWriter
from harness.testbed.gateway.responses.stored import Stored, StoredResponses
from harness.testbed.gateway.responses.translation import as_chat

PATH = "/v1/responses"
THOUGHT = "The question is short, and so is the answer."


class ResponsesEndpoint(Conversations, ResponsesWriter, OpenAIEndpoint):
    """Answers `/v1/responses` as OpenAI's reference describes it.

    Attributes:
        thinks: Whether the model of this gateway answers, which can think.
    """

    routes: ClassVar[Routes] = {PATH: ("POST", "chat")}
    thinks: bool = True

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self._stored = StoredResponses()

    def handle(self, request: Request, ids: ResponseIds, budget: Budget) -> Reply:
        path = request["path"].partition("?")[0]
        response_id, _, part = path.removeprefix(f"{PATH}/").partition("/")
        read = self.readers().get((request["method"], part))
        if not path.startswith(f"{PATH}/") or read is None:
            return super().handle(request, ids, budget)
        kept = self.find_response(response_id)
        return self.json_reply(200, read(kept), self.headers(ids, budget, 0))

    def readers(self) -> dict[tuple[str, str], Any]:
        """Returns what answers requests about a stored response, by method and end of the path."""
        return {
            ("GET", ""): self.read_response,
            ("DELETE", ""): self.delete_response,
            ("GET", "input_items"): self.input_items,
        }

    def find_response(self, response_id: str) -> Stored:
        kept = self._stored.find(response_id)
        if kept is None:
            raise stored.unknown_response(response_id)
        return kept

    def read_response(self, kept: Stored) -> Body:
        return kept.answer

    def delete_response(self, kept: Stored) -> Body:
        self._stored.remove(kept.answer["id"])
        return {"id": kept.answer["id"], "object": "response", "deleted": True}

    def input_items(self, kept: Stored) -> Body:
        """Returns the items of the request, the newest first."""
        items = stored.with_ids(kept.sent, kept.answer["id"])[::-1]
        first, last = (items[0]["id"], items[-1]["id"]) if items else (None, None)
        ends = {"first_id": first, "last_id": last, "has_more": False}
        return {"object": "list", "data": items, **ends}

    def check(self, body: Body) -> None:
        validation.check(body)
        validation.check_conversation({**body, "input": self.conversation(body)})

    def read_request(self, body: Body) -> ModelRequest:
        chat_body = as_chat({**body, "input": self.conversation(body)})
        return replace(super().read_request(chat_body), original=body)

    def completion(self, body: Body, reply: ModelReply, ids: ResponseIds) -> Body:
        """Returns the answer; that of a provider of this protocol as it is."""
        if reply.response is not None:
            answer = {**reply.response, "model": body["model"]}
        else:
            answer = super().completion(body, self.think(body, reply), ids)
        if not reply.error:
            self.keep(body, answer)
        return answer

    def think(self, body: Body, reply: ModelReply) -> ModelReply:
        """Adds what the model thinks, if the request asks for it."""
        requested = body.get("reasoning") or {}
        is_off = requested.get("effort") in (None, "none", "minimal") and not requested.get(
            "summary"
        )
        if is_off or not self.thinks or reply.finish == "length":
            return reply
        tokens = reply.output_tokens + tokenizer.count(THOUGHT)
        return replace(reply, thinking=THOUGHT, output_tokens=tokens)
