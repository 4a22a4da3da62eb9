"""Keys, versions, limits, headers and errors of the Messages front. May not read a body.

Each method is a hook that a mutant can override.
"""

from __future__ import annotations

from harness.testbed.gateway.endpoint import (
    TOKENS_PER_MINUTE,
    EndpointBase,
    Headers,
    Reply,
    Request,
    header_values,
    http_reply,
    merge_headers,
)
from harness.testbed.gateway.errors import RequestError
from harness.testbed.gateway.ids import ResponseIds
from harness.testbed.gateway.limits import Budget, rfc3339
from harness.testbed.gateway.model_types import Json

CHOSEN = ("anthropic-version", "anthropic-beta")
VERSIONS = ("2023-06-01", "2026-10-21")
DIRECT = "anthropic-dangerous-direct-browser-access"
ORGANIZATION = "8a3f0c52-6d1e-4b8b-9a57-0f2c4e61d9b3"
# The error's type where the status decides it; every other mistake is an invalid request.
KINDS = {
    401: "authentication_error",
    402: "billing_error",
    403: "permission_error",
    404: "not_found_error",
    413: "request_too_large",
    429: "rate_limit_error",
    500: "api_error",
    502: "api_error",
    503: "overloaded_error",
    504: "timeout_error",
    529: "overloaded_error",
}


class AnthropicEndpointBase(EndpointBase):
    def respond(self, request: Request, ids: ResponseIds) -> Reply:
        """A browser asks first, without a key; what it gets it shows only by permission."""
        headers = request["headers"]
        asks = request["method"] == "OPTIONS" and header_values(
            headers, "access-control-request-method"
        )
        reply = (
            http_reply(200, [], [b""], [0.0], "length") if asks else super().respond(request, ids)
        )
        return {**reply, "headers": reply["headers"] + self.permission(headers)}

    def permission(self, headers: Headers) -> Headers:
        """For a page of another origin that says it knows the danger, or asks about saying so."""
        wanted = ", ".join(header_values(headers, "access-control-request-headers"))
        known = [name for name, _ in headers] + wanted.split(",")
        if not header_values(headers, "origin") or DIRECT not in [
            name.strip().lower() for name in known
        ]:
            return []
        granted = [("access-control-allow-origin", "*"), ("access-control-expose-headers", "*")]
        return granted + ([("access-control-allow-headers", wanted)] if wanted else [])

    def authorize(self, headers: Headers) -> str:
        """Of two keys the one in x-api-key counts."""
        keys = header_values(headers, "x-api-key") or [
            value.partition(" ")[2].strip()
            for value in header_values(headers, "authorization")
            if value.lower().startswith("bearer ")
        ]
        if keys and keys[0] in self.budgets:
            return keys[0]
        raise RequestError(401, "invalid x-api-key" if keys else "x-api-key header is required")

    def check_version(self, headers: Headers) -> None:
        versions = self.versions(headers)
        if not versions:
            raise RequestError(400, "anthropic-version: header is required")
        if len(versions) > 1 or versions[0] not in VERSIONS:
            shown = ", ".join(versions)[:50]
            raise RequestError(400, f"anthropic-version: {shown!r} is not a valid version")

    def versions(self, headers: Headers) -> list[str]:
        """Every version that was sent: in a header of its own, or behind a comma."""
        return [
            one.strip() for v in header_values(headers, "anthropic-version") for one in v.split(",")
        ]

    def version_headers(self, headers: Headers) -> tuple[tuple[str, str], ...]:
        """What a provider of the same protocol has to know of it: the version, and the betas."""
        return tuple((name, one) for name in CHOSEN for one in header_values(headers, name))

    def headers(self, ids: ResponseIds, budget: Budget | None, used: int) -> Headers:
        headers = [("request-id", ids.request_id), ("anthropic-organization-id", ORGANIZATION)]
        return headers + (self.limit_headers(ids, budget, used) if budget else [])

    def limit_headers(self, ids: ResponseIds, budget: Budget, used: int) -> Headers:
        """What is left of requests and tokens, and when it will be whole again."""
        left = round(max(0, TOKENS_PER_MINUTE - used), -3)
        refilled = ids.created + used * 60 / TOKENS_PER_MINUTE
        kinds = {
            "requests": (budget.limit, budget.remaining, ids.created + budget.reset),
            **dict.fromkeys(
                ("tokens", "input-tokens", "output-tokens"), (TOKENS_PER_MINUTE, left, refilled)
            ),
        }
        return [
            (f"anthropic-ratelimit-{kind}-{name}", value)
            for kind, (limit, remaining, reset) in kinds.items()
            for name, value in (
                ("limit", str(limit)),
                ("remaining", str(remaining)),
                ("reset", rfc3339(reset)),
            )
        ]

    def refuse(self, refusal: RequestError, ids: ResponseIds, budget: Budget | None) -> Reply:
        headers = merge_headers(self.headers(ids, budget, 0), refusal.headers)
        return self.json_reply(self.status(refusal), self.error(refusal, ids), headers)

    def error(self, refusal: RequestError, ids: ResponseIds) -> Json:
        told = {"type": self.kind(refusal), "message": refusal.message}
        if refusal.details is not None:
            told["details"] = refusal.details
        return {"type": "error", "error": told, "request_id": ids.request_id}

    def kind(self, refusal: RequestError) -> str:
        return KINDS.get(refusal.status, "invalid_request_error")
