"""HTTP request -> HTTP reply, as a Messages endpoint gives it. May not open a socket.

Each method is a hook that a mutant can override.
"""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar
from urllib.parse import parse_qs

from harness.testbed.gateway import model_provider
from harness.testbed.gateway.anthropic.request_reader import Reading
from harness.testbed.gateway.anthropic.response_writer import Writing
from harness.testbed.gateway.anthropic.validation import (
    FIELDS,
    REQUIRED,
    WEIGHED,
    check_together,
    extra,
)
from harness.testbed.gateway.endpoint import MODELS, Body, Reply, Request, Routes, merge_headers
from harness.testbed.gateway.errors import RequestError, bad_value
from harness.testbed.gateway.ids import ResponseIds
from harness.testbed.gateway.limits import Budget
from harness.testbed.gateway.model_types import Json, ModelRequest

WINDOW = 200_000


class AnthropicEndpoint(Reading, Writing):
    routes: ClassVar[Routes] = {
        "/v1/messages": ("POST", "messages"),
        "/v1/messages/count_tokens": ("POST", "count"),
        "/v1/models": ("GET", "models"),
    }

    def handle(self, request: Request, ids: ResponseIds, budget: Budget) -> Reply:
        self.check_version(request["headers"])
        page, rest = self.route(request)
        if page == "messages":
            return self.messages(request, ids, budget)
        if page == "count":
            found = self.count_tokens(request)
        elif page == "models":
            found = self.models(request["path"].partition("?")[2])
        else:
            found = self.find_model(rest)
        return self.json_reply(200, found, self.headers(ids, budget, 0))

    def messages(self, request: Request, ids: ResponseIds, budget: Budget) -> Reply:
        body = self.parse(request)
        self.check(body)
        self.find_model(body["model"])
        model_request = replace(
            self.read_request(body), version_headers=self.version_headers(request["headers"])
        )
        self.check_length(model_request)
        reply = self.provider(model_request)
        whole = self.message(body, reply, ids)
        headers = merge_headers(
            self.headers(ids, budget, reply.input_tokens + reply.output_tokens), reply.headers
        )
        if reply.error:
            frames = self.error_frames(self.events(body, whole), self.error(reply.error, ids))
            return self.stream_reply(frames, headers)
        if self.wants_stream(body):
            return self.stream_reply(self.frames(self.events(body, whole)), headers)
        return self.json_reply(200, whole, headers)

    def count_tokens(self, request: Request) -> Body:
        body = self.parse(request)
        self.check_count_tokens(body)
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
                raise absent(name)
        for name, value in body.items():
            self.check_field(name, value)
        self.check_together(body)

    def check_field(self, name: str, value: Json) -> None:
        if name not in FIELDS:
            raise extra(name)
        FIELDS[name](name, value)

    def check_count_tokens(self, body: Body) -> None:
        """The same body, without what only an answer needs."""
        for name in REQUIRED:
            if name in WEIGHED and name not in body:
                raise absent(name)
        for name, value in body.items():
            if name not in WEIGHED:
                raise extra(name)
            WEIGHED[name](name, value)
        self.check_together(body)

    def check_together(self, body: Body) -> None:
        check_together(body)

    def check_length(self, request: ModelRequest) -> None:
        weight = model_provider.count_input_tokens(request)
        if weight > WINDOW:
            raise RequestError(400, f"prompt is too long: {weight} tokens > {WINDOW} maximum")

    def models(self, query: str) -> Body:
        """One page of the list: `limit` of them, after or before an id."""
        asked = {key: values[0] for key, values in parse_qs(query).items()}
        cards = [self.model_card(name) for name in MODELS]
        limit = self.page_size(asked.get("limit", "20"))
        if after := asked.get("after_id"):
            cards = cards[self.position(cards, "after_id", after) + 1 :]
        before = asked.get("before_id")
        if before:
            cards = cards[: self.position(cards, "before_id", before)]
        shown = cards[-limit:] if before else cards[:limit]
        return {
            "data": shown,
            "has_more": len(shown) < len(cards),
            "first_id": shown[0]["id"] if shown else None,
            "last_id": shown[-1]["id"] if shown else None,
        }

    def page_size(self, limit: str) -> int:
        if not (limit.isascii() and limit.isdecimal() and 1 <= int(limit[:9]) <= 1000):
            raise bad_value("limit", "expected an integer from 1 to 1000.")
        return int(limit)

    def position(self, cards: list[Body], param: str, wanted: str) -> int:
        for number, card in enumerate(cards):
            if card["id"] == wanted:
                return number
        raise bad_value(param, f"no model is called '{wanted[:80]}'.")

    def find_model(self, name: str) -> Body:
        if name not in MODELS:
            raise RequestError(404, f"model: {name}", param="model", code="model_not_found")
        return self.model_card(name)

    def model_card(self, name: str) -> Body:
        return {
            "type": "model",
            "id": name,
            "display_name": name.replace("-", " ").title(),
            "created_at": "2025-06-15T00:00:00Z",
        }


def absent(name: str) -> RequestError:
    return RequestError(400, f"{name} is required", param=name, code="missing_required_parameter")
