"""A provider's error -> why the gateway says no. May not repeat what is not meant for a caller."""

from __future__ import annotations

from harness.testbed.gateway.endpoint import Body, Headers
from harness.testbed.gateway.errors import Refusal

# What an error's type says of the status, where a stream that is under way has none of its own.
STATUS = {
    "invalid_request_error": 400,
    "authentication_error": 401,
    "billing_error": 402,
    "permission_error": 403,
    "not_found_error": 404,
    "request_too_large": 413,
    "rate_limit_error": 429,
    "api_error": 500,
    "server_error": 500,
    "timeout_error": 504,
    "overloaded_error": 529,
}
# How OpenAI's documents name what a status stands for; every other mistake is the request's.
KINDS = {
    401: "authentication_error",
    403: "permission_error",
    429: "rate_limit_error",
    503: "service_unavailable_error",
}
CODES = {
    401: "invalid_api_key",
    429: "rate_limit_exceeded",
    503: "server_is_overloaded",
}
BUSY = {"openai": 503, "anthropic": 529}


def refusal(spoken: str, status: int, told: Body, headers: Headers) -> Refusal:
    """`told`: the body of an error, empty where it cannot be read; `spoken`: by the caller."""
    error = told.get("error")
    found = error if isinstance(error, dict) else {}
    message = found.get("message")
    if not isinstance(message, str) or not message:
        message = f"The provider answered with status {status} and no error that can be read."
    if status in BUSY.values():
        status = BUSY[spoken]
    kind = KINDS.get(status, "server_error" if status >= 500 else "invalid_request_error")
    code = "model_not_found" if status == 404 else CODES.get(status)
    return Refusal(status, message, kind=kind, code=code, headers=tuple(headers))


def underway(spoken: str, error: Body) -> Refusal:
    """What a stream told instead of going on."""
    found = error.get("error")
    kind = found.get("type") if isinstance(found, dict) else ""
    return refusal(spoken, STATUS.get(str(kind), 500), error, [])


def broke_off() -> Refusal:
    message = "The connection to the provider broke off before its answer was whole."
    return Refusal(502, message, kind="server_error", code="bad_gateway")


def no_answer() -> Refusal:
    message = "The provider's answer cannot be read."
    return Refusal(502, message, kind="server_error", code="bad_gateway")
