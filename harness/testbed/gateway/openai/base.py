"""Authentication, rate limit headers and errors of the Chat Completions endpoint.

Each method is a hook that a mutant can override.
"""

from __future__ import annotations

from harness.testbed.gateway.endpoint import (
    TOKENS_PER_MINUTE,
    EndpointBase,
    Headers,
    Reply,
    header_values,
    merge_headers,
)
from harness.testbed.gateway.errors import RequestError
from harness.testbed.gateway.ids import ResponseIds
from harness.testbed.gateway.limits import Budget, go_duration
from harness.testbed.gateway.model_types import Json


class OpenAIEndpointBase(EndpointBase):
    """The part of the endpoint that does not depend on bodies."""

    def authorize(self, headers: Headers) -> str:
        values = header_values(headers, "authorization")
        scheme, _, key = (values[0] if values else "").partition(" ")
        if scheme.lower() == "bearer" and key.strip() in self.budgets:
            return key.strip()
        message = "Incorrect API key provided." if values else "You did not provide an API key."
        raise RequestError(
            401,
            message,
            code="invalid_api_key",
            kind="authentication_error",
            headers=(("www-authenticate", "Bearer"),),
        )

    def headers(self, ids: ResponseIds, budget: Budget | None, used: int) -> Headers:
        ids_sent = [("x-request-id", ids.request_id), ("request-id", ids.request_id)]
        headers = [*ids_sent, ("openai-version", "2020-10-01")]
        return headers + (self.limit_headers(budget, used) if budget else [])

    def limit_headers(self, budget: Budget, used: int) -> Headers:
        return [
            ("x-ratelimit-limit-requests", str(budget.limit)),
            ("x-ratelimit-limit-tokens", str(TOKENS_PER_MINUTE)),
            ("x-ratelimit-remaining-requests", str(budget.remaining)),
            ("x-ratelimit-remaining-tokens", str(max(0, TOKENS_PER_MINUTE - used))),
            ("x-ratelimit-reset-requests", go_duration(budget.reset)),
            ("x-ratelimit-reset-tokens", go_duration(used * 60 / TOKENS_PER_MINUTE)),
        ]

    def refuse(self, refusal: RequestError, ids: ResponseIds, budget: Budget | None) -> Reply:
        headers = merge_headers(self.headers(ids, budget, 0), refusal.headers)
        return self.json_reply(self.status(refusal), self.error(refusal), headers)

    def error(self, refusal: RequestError) -> Json:
        return {
            "error": {
                "message": refusal.message,
                "type": refusal.kind,
                "param": refusal.param,
                "code": refusal.code,
            }
        }
