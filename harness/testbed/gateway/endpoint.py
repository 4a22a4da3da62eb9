"""What every front does alike: keys metered, answers framed. May not know any protocol's words.

Each method is a hook that a mutant can override.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any, ClassVar

from harness.testbed.gateway.errors import Refusal, wrong_type
from harness.testbed.gateway.ids import Seal
from harness.testbed.gateway.limits import Budget
from harness.testbed.gateway.model_types import Ask, Json, Said

Body = dict[str, Json]
Headers = list[tuple[str, str]]
Request = Mapping[str, Any]
Reply = dict[str, Any]
Pages = Mapping[str, tuple[str, str]]
Meters = Mapping[str, Callable[[], Budget]]

TOKENS_A_MINUTE = 400_000
MODELS = ("builtin-1", "builtin-2")
ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


class EndpointBase:
    pages: ClassVar[Pages] = {}

    def __init__(
        self,
        provider: Callable[[Ask], Said],
        meters: Meters,
        max_body: int,
        pace: float,
    ) -> None:
        """`meters`: a good key and what is left of its limit; `pace`: seconds between pieces."""
        self.provider, self.meters, self.max_body, self.pace = provider, meters, max_body, pace

    def respond(self, request: Request, seal: Seal) -> Reply:
        budget = None
        try:
            budget = self.meter(self.authorize(request["headers"]))
            self.admit(budget)
            reply = self.page(request, seal, budget)
        except Refusal as refusal:
            reply = self.refuse(refusal, seal, budget)
        return self.finish(reply)

    def authorize(self, headers: Headers) -> str:
        """The caller's key. Never repeats it in a message."""
        raise NotImplementedError

    def page(self, request: Request, seal: Seal, budget: Budget) -> Reply:
        raise NotImplementedError

    def headers(self, seal: Seal, budget: Budget | None, used: int) -> Headers:
        """What every answer carries; `used`: tokens that this request took."""
        raise NotImplementedError

    def refuse(self, refusal: Refusal, seal: Seal, budget: Budget | None) -> Reply:
        raise NotImplementedError

    def meter(self, key: str) -> Budget:
        return self.meters[key]()

    def admit(self, budget: Budget) -> None:
        if budget.wait > 0:
            raise Refusal(
                429,
                "Rate limit reached for requests.",
                code="rate_limit_exceeded",
                kind="rate_limit_error",
                headers=(("retry-after", str(math.ceil(budget.wait))),),
            )

    def route(self, request: Request) -> tuple[str, str]:
        """The name of the page that is asked for, and the rest of its path: the id of a model."""
        path = request["path"].partition("?")[0]
        rest = path.removeprefix("/v1/models/")
        method, page = self.pages.get(path, ("GET", "model" if rest not in (path, "") else ""))
        if not page:
            message = f"Unknown request URL: {request['method']} {path}."
            raise Refusal(404, message, code="unknown_url")
        if request["method"] != method:
            message = f"Not allowed to {request['method']} on {path}."
            allow = (("allow", method),)
            raise Refusal(405, message, code="method_not_supported", headers=allow)
        return page, rest

    def parse(self, request: Request) -> Body:
        """The body as an object. A content type that is not JSON is refused, none is forgiven."""
        if len(request["body"]) > self.max_body:
            raise Refusal(413, "Request too large.", code="request_too_large")
        kind = next(iter(sent(request["headers"], "content-type")), "json")
        if "json" not in kind.lower():
            raise Refusal(415, "Unsupported media type: send application/json.")
        try:
            body = json.loads(request["body"].decode("utf-8"), parse_constant=_no_constant)
        except (ValueError, RecursionError):
            message = "We could not parse the JSON body of your request."
            raise Refusal(400, message, code="invalid_json") from None
        if not isinstance(body, dict):
            raise wrong_type("body", "an object", body)
        return body

    def streams(self, body: Body) -> bool:
        return bool(body.get("stream"))

    def status(self, refusal: Refusal) -> int:
        return refusal.status

    def plain(self, status: int, data: Json, headers: Headers) -> Reply:
        headers = [("content-type", "application/json"), *headers]
        return wire(status, headers, [self.dumps(data)], [0.0], "length")

    def stream(self, frames: list[bytes], headers: Headers) -> Reply:
        kind = [("content-type", "text/event-stream"), ("cache-control", "no-cache")]
        return wire(200, kind + headers, frames, self.pauses(len(frames)), "chunked")

    def dumps(self, data: Json) -> bytes:
        return ENCODER.encode(data).encode("utf-8", "replace")

    def pauses(self, pieces: int) -> list[float]:
        return [0.0] + [self.pace] * (pieces - 1)

    def finish(self, reply: Reply) -> Reply:
        """The last hand on an answer before it leaves."""
        return reply


def sent(headers: Headers, wanted: str) -> list[str]:
    """The values of a header, one for each time it was sent."""
    return [value.strip() for name, value in headers if name.lower() == wanted]


def laid(headers: Headers, over: Iterable[tuple[str, str]]) -> Headers:
    """Headers with others laid over them: of one name only the later ones are left."""
    more = list(over)
    names = {name.lower() for name, _ in more}
    return [(name, value) for name, value in headers if name.lower() not in names] + more


def wire(
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


def _no_constant(name: str) -> Json:
    raise ValueError(f"{name} is not JSON")
