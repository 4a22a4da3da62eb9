"""Base class of the endpoints: authentication, rate limits, routing and HTTP replies.

Each method is a hook that a mutant can override.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, ClassVar

from harness.testbed.gateway.errors import RequestError, wrong_type
from harness.testbed.gateway.ids import ResponseIds
from harness.testbed.gateway.limits import Budget
from harness.testbed.gateway.model_types import Json, ModelReply, ModelRequest

Body = dict[str, Json]
Headers = list[tuple[str, str]]
Request = Mapping[str, Any]
Reply = dict[str, Any]
# The HTTP method and the name of the handler for each path.
Routes = Mapping[str, tuple[str, str]]
Budgets = Mapping[str, Callable[[], Budget]]

TOKENS_PER_MINUTE = 400_000
MODELS = ("builtin-1", "builtin-2")
ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


class EndpointBase:
    """Everything that the endpoints of both protocols have in common."""

    routes: ClassVar[Routes] = {}
    models_offered: Sequence[str] = MODELS

    def __init__(
        self,
        provider: Callable[[ModelRequest], ModelReply],
        budgets: Budgets,
        max_body: int,
        pace: float,
    ) -> None:
        """Builds an endpoint.

        Args:
            provider: Answers model requests.
            budgets: For each valid API key, a function that takes one request from its limit.
            max_body: The largest accepted request body, in bytes.
            pace: Seconds between two pieces of a stream.
        """
        self.provider, self.budgets, self.max_body, self.pace = provider, budgets, max_body, pace

    def respond(self, request: Request, ids: ResponseIds) -> Reply:
        budget = None
        try:
            budget = self.budget_for(self.authorize(request["headers"]))
            self.admit(budget)
            reply = self.handle(request, ids, budget)
        except RequestError as refusal:
            reply = self.refuse(refusal, ids, budget)
        return self.finish(reply)

    def authorize(self, headers: Headers) -> str:
        """Returns the caller's key. Must not repeat it in an error message."""
        raise NotImplementedError

    def handle(self, request: Request, ids: ResponseIds, budget: Budget) -> Reply:
        raise NotImplementedError

    def headers(self, ids: ResponseIds, budget: Budget | None, used: int) -> Headers:
        """Headers of every response. `used`: the tokens that this request consumed."""
        raise NotImplementedError

    def refuse(self, refusal: RequestError, ids: ResponseIds, budget: Budget | None) -> Reply:
        raise NotImplementedError

    def budget_for(self, key: str) -> Budget:
        return self.budgets[key]()

    def admit(self, budget: Budget) -> None:
        if budget.wait > 0:
            raise RequestError(
                429,
                "Rate limit reached for requests.",
                code="rate_limit_exceeded",
                kind="rate_limit_error",
                headers=(("retry-after", str(math.ceil(budget.wait))),),
            )

    def route(self, request: Request) -> tuple[str, str]:
        """Returns the name of the handler and, for `/v1/models/ID`, the model id."""
        path = request["path"].partition("?")[0]
        model_id = path.removeprefix("/v1/models/")
        default = ("GET", "model" if model_id not in (path, "") else "")
        method, handler = self.routes.get(path, default)
        if not handler:
            message = f"Unknown request URL: {request['method']} {path}."
            raise RequestError(404, message, code="unknown_url")
        if request["method"] != method:
            message = f"Not allowed to {request['method']} on {path}."
            allow = (("allow", method),)
            raise RequestError(405, message, code="method_not_supported", headers=allow)
        return handler, model_id

    def parse(self, request: Request) -> Body:
        """Parses the body. Rejects a content type other than JSON; a missing one is accepted."""
        if len(request["body"]) > self.max_body:
            raise RequestError(413, "Request too large.", code="request_too_large")
        kind = next(iter(header_values(request["headers"], "content-type")), "json")
        if "json" not in kind.lower():
            raise RequestError(415, "Unsupported media type: send application/json.")
        try:
            body = json.loads(request["body"].decode("utf-8"), parse_constant=_reject_constant)
        except (ValueError, RecursionError):
            message = "We could not parse the JSON body of your request."
            raise RequestError(400, message, code="invalid_json") from None
        if not isinstance(body, dict):
            raise wrong_type("body", "an object", body)
        return body

    def wants_stream(self, body: Body) -> bool:
        return bool(body.get("stream"))

    def status(self, refusal: RequestError) -> int:
        return refusal.status

    def json_reply(self, status: int, data: Json, headers: Headers) -> Reply:
        headers = [("content-type", "application/json"), *headers]
        return http_reply(status, headers, [self.dumps(data)], [0.0], "length")

    def stream_reply(self, frames: list[bytes], headers: Headers) -> Reply:
        kind = [("content-type", "text/event-stream"), ("cache-control", "no-cache")]
        return http_reply(200, kind + headers, frames, self.pauses(len(frames)), "chunked")

    def dumps(self, data: Json) -> bytes:
        return ENCODER.encode(data).encode("utf-8", "replace")

    def pauses(self, pieces: int) -> list[float]:
        """Returns the seconds before each piece; a stream can be empty."""
        return ([0.0] + [self.pace] * pieces)[:pieces]

    def finish(self, reply: Reply) -> Reply:
        """The final hook, applied to every response."""
        return reply


def header_values(headers: Headers, wanted_name: str) -> list[str]:
    """Returns the values of a header, one for each time it occurs."""
    return [value.strip() for name, value in headers if name.lower() == wanted_name]


def merge_headers(headers: Headers, over: Iterable[tuple[str, str]]) -> Headers:
    """Merges headers; those in `over` replace all of the same name."""
    added = list(over)
    names = {name.lower() for name, _ in added}
    return [(name, value) for name, value in headers if name.lower() not in names] + added


def http_reply(
    status: int, headers: Headers, chunks: list[bytes], pauses: list[float], framing: str
) -> Reply:
    return {
        "status": status,
        "headers": headers,
        "chunks": chunks,
        "pauses": pauses,
        "framing": framing,
        "end": "keep",
    }


def _reject_constant(name: str) -> Json:
    raise ValueError(f"{name} is not JSON")
