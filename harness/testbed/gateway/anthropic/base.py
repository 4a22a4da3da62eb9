"""Authentication, rate limit headers and errors of the Messages endpoint.

Each method is a hook that a mutant can override.
"""

from __future__ import annotations

from harness.testbed.gateway.anthropic import version_rules
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

VERSION_HEADERS = ("anthropic-version", "anthropic-beta")
NEWEST = "2026-10-21"
VERSIONS = ("2023-06-01", NEWEST)
BROWSER_OPT_IN = "anthropic-dangerous-direct-browser-access"
ORGANIZATION = "8a3f0c52-6d1e-4b8b-9a57-0f2c4e61d9b3"
# The error type by status; any other status is an invalid request.
KINDS = {
    401: "authentication_error",
    402: "billing_error",
    403: "permission_error",
    404: "not_found_error",
    409: "conflict_error",
    413: "request_too_large",
    429: "rate_limit_error",
    500: "api_error",
    502: "api_error",
    503: "overloaded_error",
    504: "timeout_error",
    529: "overloaded_error",
}


class AnthropicEndpointBase(EndpointBase):
    """The part of the endpoint that does not depend on bodies."""

    def respond(self, request: Request, ids: ResponseIds) -> Reply:
        """Adds CORS headers, and answers preflight requests, which have no key."""
        headers = request["headers"]
        is_preflight = request["method"] == "OPTIONS" and header_values(
            headers, "access-control-request-method"
        )
        reply = (
            http_reply(200, [], [b""], [0.0], "length")
            if is_preflight
            else super().respond(request, ids)
        )
        return {**reply, "headers": reply["headers"] + self.cors_headers(headers)}

    def cors_headers(self, headers: Headers) -> Headers:
        """Allows pages of another origin that send, or request to send, the opt-in header."""
        requested = ", ".join(header_values(headers, "access-control-request-headers"))
        names = [name for name, _ in headers] + requested.split(",")
        if not header_values(headers, "origin") or BROWSER_OPT_IN not in [
            name.strip().lower() for name in names
        ]:
            return []
        allowed = [("access-control-allow-origin", "*"), ("access-control-expose-headers", "*")]
        return allowed + ([("access-control-allow-headers", requested)] if requested else [])

    def authorize(self, headers: Headers) -> str:
        """Returns the caller's key. The one in x-api-key takes precedence."""
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
            listed = ", ".join(versions)[:50]
            raise RequestError(400, f"anthropic-version: {listed!r} is not a valid version")

    def check_against_version(self, headers: Headers, body: Json) -> None:
        """Refuses what the version of the request does not have any more."""
        if NEWEST in self.versions(headers):
            version_rules.check(body)

    def versions(self, headers: Headers) -> list[str]:
        """Returns every version sent, in separate headers or in a comma-separated list."""
        return [
            version.strip()
            for value in header_values(headers, "anthropic-version")
            for version in value.split(",")
        ]

    def version_headers(self, headers: Headers) -> tuple[tuple[str, str], ...]:
        """Returns the headers that select the API version and beta features."""
        return tuple(
            (name, value) for name in VERSION_HEADERS for value in header_values(headers, name)
        )

    def headers(self, ids: ResponseIds, budget: Budget | None, used: int) -> Headers:
        headers = [("request-id", ids.request_id), ("anthropic-organization-id", ORGANIZATION)]
        return headers + (self.limit_headers(ids, budget, used) if budget else [])

    def limit_headers(self, ids: ResponseIds, budget: Budget, used: int) -> Headers:
        """Returns limit, remaining and reset of requests and tokens."""
        remaining_tokens = round(max(0, TOKENS_PER_MINUTE - used), -3)
        refilled = ids.created + used * 60 / TOKENS_PER_MINUTE
        kinds = {
            "requests": (budget.limit, budget.remaining, ids.created + budget.reset),
            **dict.fromkeys(
                ("tokens", "input-tokens", "output-tokens"),
                (TOKENS_PER_MINUTE, remaining_tokens, refilled),
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
        error = {"type": self.kind(refusal), "message": refusal.message}
        if refusal.details is not None:
            error["details"] = refusal.details
        return {"type": "error", "error": error, "request_id": ids.request_id}

    def kind(self, refusal: RequestError) -> str:
        return KINDS.get(refusal.status, "invalid_request_error")
