"""The Responses endpoint of the reference gateway.

Each method is a hook that a mutant can override.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, ClassVar
from urllib.parse import parse_qsl

from harness.testbed.gateway import model_provider, tokenizer
from harness.testbed.gateway.endpoint import Body, Reply, Request, Routes
from harness.testbed.gateway.ids import ResponseIds
from harness.testbed.gateway.limits import Budget
from harness.testbed.gateway.model_types import ModelReply, ModelRequest
from harness.testbed.gateway.openai.endpoint import OpenAIEndpoint
from harness.testbed.gateway.responses import compaction, own_tools, stored, validation
from harness.testbed.gateway.responses.response_writer import ResponsesWriter
from harness.testbed.gateway.responses.stored import StoredResponses
from harness.testbed.gateway.responses.stored_endpoints import StoredEndpoints
from harness.testbed.gateway.responses.stream_writer import unfinished
from harness.testbed.gateway.responses.translation import as_chat

PATH = "/v1/responses"
THOUGHT = "The question is short, and so is the answer."


class ResponsesEndpoint(StoredEndpoints, ResponsesWriter, OpenAIEndpoint):
    """Answers `/v1/responses` as OpenAI's reference describes it.

    Attributes:
        has_model: Whether the model of this gateway answers, and no provider. It thinks, counts
            tokens, compacts conversations, and works in the background.
    """

    routes: ClassVar[Routes] = {
        PATH: ("POST", "chat"),
        f"{PATH}/input_tokens": ("POST", "count_input"),
        f"{PATH}/compact": ("POST", "compact"),
    }
    has_model: bool = True

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self._stored = StoredResponses()

    def handle(self, request: Request, ids: ResponseIds, budget: Budget) -> Reply:
        path, _, query = request["path"].partition("?")
        response_id, _, part = path.removeprefix(f"{PATH}/").partition("/")
        read = self.readers().get((request["method"], part))
        if path in self.routes and path != PATH and self.has_model:
            data = getattr(self, self.route(request)[0])(self.parse_input(request), ids)
        elif path.startswith(f"{PATH}/") and read is not None:
            data = read(self.find_response(response_id), dict(parse_qsl(query)))
        else:
            return super().handle(request, ids, budget)
        return self.json_reply(200, data, self.headers(ids, budget, 0))

    def parse_input(self, request: Request) -> Body:
        """Parses and checks the body of an endpoint whose input may be absent."""
        body = {"input": [], **self.parse(request)}
        if body["input"] is None:
            body["input"] = []
        self.check(body)
        self.find_model(body["model"])
        return body

    def count_input(self, body: Body, ids: ResponseIds) -> Body:
        tokens = self.count_input_tokens(self.read_request(body))
        return {"object": "response.input_tokens", "input_tokens": tokens}

    def count_input_tokens(self, request: ModelRequest) -> int:
        return model_provider.count_input_tokens(request)

    def compact(self, body: Body, ids: ResponseIds) -> Body:
        """Returns the user's messages, and one item that stands for all others."""
        items = self.conversation(body)
        kept = stored.with_ids(list(filter(compaction.is_user_message, items)), ids.message_id)
        content = compaction.write([i for i in items if not compaction.is_user_message(i)])
        counts = (self.count_input_tokens(self.read_request(body)), tokenizer.count(content))
        return {
            "id": f"resp_{ids.digest[:24]}",
            "object": "response.compaction",
            "created_at": ids.created,
            "output": [*kept, self.compaction_item(content, ids)],
            "usage": self.response_usage(ModelReply("", (), "end", *counts)),
        }

    def compaction_item(self, content: str, ids: ResponseIds) -> Body:
        head = {"type": "compaction", "id": f"cmp_{ids.digest[:24]}"}
        return {**head, "encrypted_content": content}

    def check(self, body: Body) -> None:
        validation.check(body)
        if not self.has_model:
            validation.check_for_provider(body)
        validation.check_conversation({**body, "input": self.conversation(body)})

    def read_request(self, body: Body) -> ModelRequest:
        chat_body = as_chat({**body, "input": self.conversation(body)})
        request = super().read_request(chat_body)
        return replace(request, original=body, server_tools=own_tools.searches(body))

    def completion(self, body: Body, reply: ModelReply, ids: ResponseIds) -> Body:
        """Returns the answer; that of a provider of this protocol as it is."""
        if reply.response is not None:
            answer = {**reply.response, "model": body["model"]}
        else:
            answer = super().completion(body, self.think(body, reply), ids)
        if not reply.error:
            self.keep(body, answer)
        in_background = body.get("background") and not self.wants_stream(body)
        return unfinished(answer, "queued") if in_background else answer

    def think(self, body: Body, reply: ModelReply) -> ModelReply:
        """Adds what the model thinks, if the request asks for it."""
        requested = body.get("reasoning") or {}
        is_off = requested.get("effort") in (None, "none", "minimal") and not requested.get(
            "summary"
        )
        if is_off or not self.has_model or reply.finish == "length":
            return reply
        tokens = reply.output_tokens + tokenizer.count(THOUGHT)
        return replace(reply, thinking=THOUGHT, output_tokens=tokens)
