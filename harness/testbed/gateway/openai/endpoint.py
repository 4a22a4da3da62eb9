"""The Chat Completions endpoint of the reference gateway.

Each method is a hook that a mutant can override.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from harness.testbed.gateway.endpoint import Body, Reply, Request, Routes, merge_headers
from harness.testbed.gateway.errors import RequestError, missing
from harness.testbed.gateway.ids import ResponseIds
from harness.testbed.gateway.limits import Budget
from harness.testbed.gateway.model_types import Json
from harness.testbed.gateway.openai.request_reader import RequestReader
from harness.testbed.gateway.openai.response_writer import ResponseWriter
from harness.testbed.gateway.openai.validation import (
    CHAT_FIELDS,
    PASSED_PARTS,
    REQUIRED,
    check_alternatives,
    check_together,
)
from harness.testbed.gateway.validators import Check


class OpenAIEndpoint(RequestReader, ResponseWriter):
    """Answers `/v1/chat/completions` and `/v1/models` as OpenAI's reference describes them."""

    fields: ClassVar[Mapping[str, Check]] = CHAT_FIELDS
    # Whether parts that the model of this gateway cannot read go to a provider.
    passes_parts: bool = False
    routes: ClassVar[Routes] = {
        "/v1/chat/completions": ("POST", "chat"),
        "/v1/models": ("GET", "models"),
    }

    def handle(self, request: Request, ids: ResponseIds, budget: Budget) -> Reply:
        handler, model_id = self.route(request)
        if handler == "chat":
            return self.chat(request, ids, budget)
        data = self.models() if handler == "models" else self.find_model(model_id)
        return self.json_reply(200, data, self.headers(ids, budget, 0))

    def chat(self, request: Request, ids: ResponseIds, budget: Budget) -> Reply:
        body = self.parse(request)
        self.check(body)
        self.find_model(body["model"])
        reply = self.provider(self.read_request(body))
        completion = self.completion(body, reply, ids)
        headers = merge_headers(
            self.headers(ids, budget, reply.input_tokens + reply.output_tokens), reply.headers
        )
        if reply.error:
            frames = self.error_frames(self.events(body, completion), self.error(reply.error))
            return self.stream_reply(frames, headers)
        if self.wants_stream(body):
            return self.stream_reply(self.frames(self.events(body, completion)), headers)
        return self.json_reply(200, completion, headers)

    def check(self, body: Body) -> None:
        for name in REQUIRED:
            if name not in body:
                raise missing(name)
        for name, value in body.items():
            self.check_field(name, value)
        self.check_together(body)

    def check_field(self, name: str, value: Json) -> None:
        """Checks a supported field. Any other field is silently ignored."""
        fields = {**self.fields, **PASSED_PARTS} if self.passes_parts else self.fields
        if name in fields:
            fields[name](name, value)

    def check_together(self, body: Body) -> None:
        check_together(body)
        check_alternatives(body)

    def find_model(self, name: str) -> Body:
        for model in self.models()["data"]:
            if model["id"] == name:
                return dict(model)
        message = f"The model '{name}' does not exist or you do not have access to it."
        raise RequestError(404, message, param="model", code="model_not_found")

    def models(self) -> Body:
        return {"object": "list", "data": [self.model_card(name) for name in self.models_offered]}

    def model_card(self, name: str) -> Body:
        return {"id": name, "object": "model", "created": 1_750_000_000, "owned_by": "builtin"}
