"""Real keys for providers that are not part of the test bed.

The reference gateway knows its own key, and its clients of providers send that of the test bed;
both are public. They are exchanged for real keys at the edges, so that nothing between holds one.
"""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from typing import Final

from harness.testbed.forward.provider_client import Send
from harness.testbed.gateway.endpoint import Headers, Reply, Request
from harness.testbed.keys import GATEWAY_KEY

CALLER_KEY: Final = ContextVar("caller_key", default="")
BEARER: Final = "bearer "


def send_with_key(send: Send, key: str = "") -> Send:
    """Returns `send` with this key for the provider; without one, with that of the caller."""

    def send_request(request: Request) -> Reply:
        own = key or CALLER_KEY.get()
        return send({**request, "headers": with_key(request["headers"], own)})

    return send_request


def pass_on_keys(respond: Callable[[Request], Reply]) -> Callable[[Request], Reply]:
    """Returns `respond` for callers whose keys are those of the provider.

    Any key is accepted, since only the provider knows which are right. A request without a key is
    refused as it is.
    """

    def respond_to(request: Request) -> Reply:
        headers = request["headers"]
        key = key_in(headers)
        token = CALLER_KEY.set(key)
        try:
            return respond({**request, "headers": with_key(headers, GATEWAY_KEY)})
        finally:
            CALLER_KEY.reset(token)

    return respond_to


def key_in(headers: Headers) -> str:
    """Returns the caller's key: that of `x-api-key`, or else the bearer token; "" without any."""
    values = {name.lower(): value.strip() for name, value in headers}
    if key := values.get("x-api-key"):
        return key
    token = values.get("authorization", "")
    return token[len(BEARER) :].strip() if token.lower().startswith(BEARER) else ""


def with_key(headers: Headers, key: str) -> Headers:
    """Returns headers in which every key is replaced."""
    return [(name, replaced(name.lower(), value, key)) for name, value in headers]


def replaced(name: str, value: str, key: str) -> str:
    if name == "x-api-key" and value.strip():
        return key
    is_token = name == "authorization" and value.lower().startswith(BEARER)
    return f"Bearer {key}" if is_token and value[len(BEARER) :].strip() else value
