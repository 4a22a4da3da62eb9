"""Keys, limits, headers and errors of the Chat Completions front. May not read a body.

Every method is an organ: a wrong gateway overrides exactly one of them.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from typing import Any

from harness.servers.limits import Budget, go_duration
from harness.servers.refusal import Refusal
from harness.servers.seal import Seal
from harness.servers.talk import Json

Headers = list[tuple[str, str]]
Request = Mapping[str, Any]
Reply = dict[str, Any]

TOKENS_A_MINUTE = 400_000
ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


class Manners:
    def __init__(self, meters: Mapping[str, Callable[[], Budget]], pace: float) -> None:
        """`meters`: a good key and what is left of its limit; `pace`: seconds between pieces."""
        self.meters, self.pace = meters, pace

    def authorize(self, headers: Headers) -> str:
        """The caller's key. Never repeats it in a message."""
        sent = [value for name, value in headers if name.lower() == "authorization"]
        scheme, _, key = (sent[0] if sent else "").partition(" ")
        if scheme.lower() == "bearer" and key.strip() in self.meters:
            return key.strip()
        message = "Incorrect API key provided." if sent else "You did not provide an API key."
        raise Refusal(
            401,
            message,
            code="invalid_api_key",
            kind="authentication_error",
            headers=(("www-authenticate", "Bearer"),),
        )

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

    def headers(self, seal: Seal, budget: Budget | None, used: int) -> Headers:
        """What every answer carries; `used`: tokens that this request took."""
        headers = [("request-id", seal.request_id), ("openai-version", "2020-10-01")]
        return headers + (self.limit_headers(budget, used) if budget else [])

    def limit_headers(self, budget: Budget, used: int) -> Headers:
        return [
            ("x-ratelimit-limit-requests", str(budget.limit)),
            ("x-ratelimit-limit-tokens", str(TOKENS_A_MINUTE)),
            ("x-ratelimit-remaining-requests", str(budget.remaining)),
            ("x-ratelimit-remaining-tokens", str(max(0, TOKENS_A_MINUTE - used))),
            ("x-ratelimit-reset-requests", go_duration(budget.reset)),
            ("x-ratelimit-reset-tokens", go_duration(used * 60 / TOKENS_A_MINUTE)),
        ]

    def refuse(self, refusal: Refusal, seal: Seal, budget: Budget | None) -> Reply:
        headers = self.headers(seal, budget, 0) + list(refusal.headers)
        return self.plain(self.status(refusal), self.error(refusal), headers)

    def status(self, refusal: Refusal) -> int:
        return refusal.status

    def error(self, refusal: Refusal) -> Json:
        return {
            "error": {
                "message": refusal.message,
                "type": refusal.kind,
                "param": refusal.param,
                "code": refusal.code,
            }
        }

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
