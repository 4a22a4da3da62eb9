"""Errors of the gateway for a provider that refused a request or failed.

Only the message of a refused request is passed on. A refused key is the gateway's, a limit is that
of its organisation, and a failure can name machines: for these, callers get a text of the gateway's
own.
"""

from __future__ import annotations

from harness.testbed.gateway.endpoint import Body, Headers
from harness.testbed.gateway.errors import RequestError

# The status for each error type, because an error inside a stream has none.
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
# The error type that OpenAI documents for a status; any other 4xx is an invalid request.
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
# The provider's statuses that are about the gateway's key.
OWN_KEY = (401, 403)
OVERLOADED = {"openai": 503, "anthropic": 529}


def provider_error(caller: str, status: int, body: Body, headers: Headers) -> RequestError:
    """Converts a provider's error response.

    Args:
        caller: The protocol of the caller.
        status: The status of the response.
        body: The response as an object; empty if it could not be parsed.
        headers: The headers for the caller.
    """
    message = provider_message(body)
    if status in OWN_KEY:
        status, message = 502, "The provider did not accept the gateway."
    elif not message:
        message = f"The provider answered with status {status} and no error that can be read."
    elif status >= 500:
        message = "The provider failed."
    elif status == 429:  # such messages name the operator's organisation
        message = "The provider's rate limit is reached."
    if status in OVERLOADED.values():
        status = OVERLOADED[caller]
    kind = KINDS.get(status, "server_error" if status >= 500 else "invalid_request_error")
    code = "model_not_found" if status == 404 else CODES.get(status)
    return RequestError(status, message, kind=kind, code=code, headers=tuple(headers))


def provider_message(body: Body) -> str:
    """Returns the message of the provider's error; empty if there is none."""
    error = body.get("error")
    message = error.get("message") if isinstance(error, dict) else None
    return message if isinstance(message, str) else ""


def stream_error(caller: str, event: Body) -> RequestError:
    """Converts an error event inside a stream."""
    error = event.get("error")
    kind = error.get("type") if isinstance(error, dict) else ""
    return provider_error(caller, STATUS.get(str(kind), 500), event, [])


def connection_lost() -> RequestError:
    message = "The connection to the provider broke off before its answer was whole."
    return RequestError(502, message, kind="server_error", code="bad_gateway")


def unreadable_answer() -> RequestError:
    message = "The provider's answer cannot be read."
    return RequestError(502, message, kind="server_error", code="bad_gateway")
