"""The Messages endpoint of the reference gateway.

Each method is a hook that a mutant can override.
"""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar
from urllib.parse import parse_qs

from harness.testbed.gateway import model_provider
from harness.testbed.gateway.anthropic import generations
from harness.testbed.gateway.anthropic.request_reader import RequestReader
from harness.testbed.gateway.anthropic.response_writer import ResponseWriter
from harness.testbed.gateway.anthropic.validation import (
    COUNT_FIELDS,
    FIELDS,
    REQUIRED,
    check_together,
)
from harness.testbed.gateway.endpoint import Body, Reply, Request, Routes, merge_headers
from harness.testbed.gateway.errors import RequestError, bad_value, extra
from harness.testbed.gateway.ids import ResponseIds
from harness.testbed.gateway.limits import Budget
from harness.testbed.gateway.model_types import Json, ModelRequest

CONTEXT_WINDOW = 200_000
MAX_OUTPUT = 64_000
CAPABILITIES = ("citations", "image_input", "pdf_input", "structured_outputs", "thinking")


class AnthropicEndpoint(RequestReader, ResponseWriter):
    """Answers `/v1/messages`, `/v1/messages/count_tokens` and `/v1/models`."""

    routes: ClassVar[Routes] = {
        "/v1/messages": ("POST", "messages"),
        "/v1/messages/count_tokens": ("POST", "count"),
        "/v1/models": ("GET", "models"),
    }

    def handle(self, request: Request, ids: ResponseIds, budget: Budget) -> Reply:
        self.check_version(request["headers"])
        handler, model_id = self.route(request)
        if handler == "messages":
            return self.messages(request, ids, budget)
        if handler == "count":
            data = self.count_tokens(request)
        elif handler == "models":
            data = self.models(request["path"].partition("?")[2])
        else:
            data = self.find_model(model_id)
        return self.json_reply(200, data, self.headers(ids, budget, 0))

    def messages(self, request: Request, ids: ResponseIds, budget: Budget) -> Reply:
        body = self.parse(request)
        self.check(body)
        self.check_against_version(request["headers"], body)
        self.find_model(body["model"])
        self.check_generation(body)
        model_request = replace(
            self.read_request(body), version_headers=self.version_headers(request["headers"])
        )
        self.check_length(model_request)
        reply = self.provider(model_request)
        message = self.message(body, reply, ids)
        headers = merge_headers(
            self.headers(ids, budget, reply.input_tokens + reply.output_tokens), reply.headers
        )
        if reply.error:
            frames = self.error_frames(self.events(body, message), self.error(reply.error, ids))
            return self.stream_reply(frames, headers)
        if self.wants_stream(body):
            return self.stream_reply(self.frames(self.events(body, message)), headers)
        return self.json_reply(200, message, headers)

    def count_tokens(self, request: Request) -> Body:
        body = self.parse(request)
        self.check_count_tokens(body)
        self.check_against_version(request["headers"], body)
        self.find_model(body["model"])
        versions = self.version_headers(request["headers"])
        return {
            "input_tokens": self.count_input_tokens(
                replace(self.read_request(body), version_headers=versions)
            )
        }

    def count_input_tokens(self, request: ModelRequest) -> int:
        return model_provider.count_input_tokens(request)

    def check(self, body: Body) -> None:
        for name in REQUIRED:
            if name not in body:
                raise required(name)
        for name, value in body.items():
            self.check_field(name, value)
        self.check_together(body)

    def check_field(self, name: str, value: Json) -> None:
        if name not in FIELDS:
            raise extra(name)
        FIELDS[name](name, value)

    def check_count_tokens(self, body: Body) -> None:
        """Checks a count_tokens body: the fields that affect the input, and no others."""
        for name in REQUIRED:
            if name in COUNT_FIELDS and name not in body:
                raise required(name)
        for name, value in body.items():
            if name not in COUNT_FIELDS:
                raise extra(name)
            COUNT_FIELDS[name](name, value)
        self.check_together(body)

    def check_together(self, body: Body) -> None:
        check_together(body)

    def check_generation(self, body: Body) -> None:
        """Refuses what the newest models do not take."""
        generations.check(body)

    def check_length(self, request: ModelRequest) -> None:
        tokens = model_provider.count_input_tokens(request)
        if tokens > CONTEXT_WINDOW:
            raise RequestError(
                400, f"prompt is too long: {tokens} tokens > {CONTEXT_WINDOW} maximum"
            )

    def models(self, query: str) -> Body:
        """Returns one page of the model list."""
        parameters = {key: values[0] for key, values in parse_qs(query).items()}
        cards = [self.model_card(name) for name in self.models_offered]
        limit = self.page_size(parameters.get("limit", "20"))
        if after := parameters.get("after_id"):
            cards = cards[self.position(cards, "after_id", after) + 1 :]
        before = parameters.get("before_id")
        if before:
            cards = cards[: self.position(cards, "before_id", before)]
        page = cards[-limit:] if before else cards[:limit]
        return {
            "data": page,
            "has_more": len(page) < len(cards),
            "first_id": page[0]["id"] if page else None,
            "last_id": page[-1]["id"] if page else None,
        }

    def page_size(self, limit: str) -> int:
        if not (limit.isascii() and limit.isdecimal() and 1 <= int(limit[:9]) <= 1000):
            raise bad_value("limit", "expected an integer from 1 to 1000.")
        return int(limit)

    def position(self, cards: list[Body], param: str, model_id: str) -> int:
        for number, card in enumerate(cards):
            if card["id"] == model_id:
                return number
        raise bad_value(param, f"no model is called '{model_id[:80]}'.")

    def find_model(self, name: str) -> Body:
        if name not in self.models_offered:
            raise RequestError(404, f"model: {name}", param="model", code="model_not_found")
        return self.model_card(name)

    def model_card(self, name: str) -> Body:
        return {
            "type": "model",
            "id": name,
            "display_name": name.replace("-", " ").title(),
            "created_at": "2025-06-15T00:00:00Z",
            "lifecycle": "active",
            "max_input_tokens": CONTEXT_WINDOW,
            "max_tokens": MAX_OUTPUT,
            "capabilities": {name: {"supported": True} for name in CAPABILITIES},
        }


def required(name: str) -> RequestError:
    return RequestError(400, f"{name} is required", param=name, code="missing_required_parameter")
