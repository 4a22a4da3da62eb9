"""Mutants of headers, keys and limits."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from harness.testbed.base import Mutant
from harness.testbed.gateway.errors import RequestError
from harness.testbed.gateway.gateway import Overrides
from harness.testbed.gateway.limits import Budget
from harness.testbed.keys import GATEWAY_KEY
from harness.testbed.mutants.openai.operators import headers
from harness.testbed.mutation.rows import mutants_in

Pairs = list[tuple[str, str]]


HEADERS = (
    Mutant("header.request-id.renamed", "sends x-request-id instead of request-id",
           "header.request-id", "present",
           headers(lambda headers: headers.update({"x-request-id": headers.pop("request-id")}))),
)  # fmt: skip


def authorization(pairs: Pairs) -> str:
    return next((value for name, value in pairs if name.lower() == "authorization"), "")


def accepts_key(test: Callable[[str], bool]) -> Overrides:
    """Accepts another header as the key."""

    def authorize(original: Callable[[Pairs], str], pairs: Pairs) -> str:
        return GATEWAY_KEY if test(authorization(pairs)) else original(pairs)

    return {"authorize": authorize}


def reject_with_403(original: Callable[[Pairs], str], pairs: Pairs) -> str:
    try:
        return original(pairs)
    except RequestError as refusal:
        raise RequestError(403, refusal.message, code=refusal.code) from None


def repeats_key(original: Callable[[Pairs], str], pairs: Pairs) -> str:
    try:
        return original(pairs)
    except RequestError as refusal:
        raise RequestError(
            401, f"Incorrect API key: {authorization(pairs)}", code=refusal.code
        ) from None


def open_models(
    original: Callable[..., dict[str, Any]], request: Mapping[str, Any], ids: Any
) -> Any:
    if request["path"].startswith("/v1/models"):
        request = {**request, "headers": [("authorization", f"Bearer {GATEWAY_KEY}")]}
    return original(request, ids)


def reject_sdk_headers(
    original: Callable[[Mapping[str, Any]], Any], request: Mapping[str, Any]
) -> Any:
    names = {name.lower() for name, _ in request["headers"]}
    if names & {"openai-organization", "x-stainless-lang"}:
        raise RequestError(400, "Unknown header.")
    return original(request)


def reject_charset(original: Callable[[Mapping[str, Any]], Any], request: Mapping[str, Any]) -> Any:
    if ("content-type", "application/json; charset=utf-8") in request["headers"]:
        raise RequestError(415, "Unsupported media type.")
    return original(request)


def crash_at_limit(original: Callable[[Budget], None], budget: Budget) -> None:
    if budget.wait:
        raise RequestError(500, "Too much.", headers=(("retry-after", "1"),))


AUTH = (
    Mutant("auth.open", "accepts requests without a key", "header.authorization.missing",
           "rejected.refused", accepts_key(lambda value: not value)),
    Mutant("auth.forbidden", "returns a 403 for a missing key", "header.authorization.missing",
           "status", {"authorize": reject_with_403}),
    Mutant("auth.no-key", "accepts requests without a key", "auth.missing", "rejected.refused",
           accepts_key(lambda value: not value)),
    Mutant("auth.any-key", "accepts any key", "header.authorization.wrong", "rejected.refused",
           accepts_key(lambda value: value.startswith("Bearer "))),
    Mutant("auth.every-key", "accepts any key", "auth.wrong", "rejected.refused",
           accepts_key(lambda value: value.startswith("Bearer "))),
    Mutant("auth.any-scheme", "accepts a key in any scheme", "header.authorization.malformed",
           "rejected.refused", accepts_key(lambda value: value.startswith("Basic "))),
    Mutant("auth.leaked", "repeats the key in its error", "auth.not-leaked",
           "body $.error.message", {"authorize": repeats_key}),
    Mutant("auth.models-open", "lists its models without a key", "auth.models", "status",
           {"respond": open_models}),
    Mutant("headers.strange", "rejects the headers of the official SDK", "behaviour.endpoint",
           "status", {"parse": reject_sdk_headers}),
    Mutant("headers.charset", "rejects a charset in the content type",
           "behaviour.endpoint.accept-any", "status", {"parse": reject_charset}),
    Mutant("limits.crash", "returns a 500 at its rate limit", "header.retry-after", "status",
           {"admit": crash_at_limit}),
)  # fmt: skip

HEADERS_AND_AUTH = (*mutants_in("openai/headers_auth"), *HEADERS, *AUTH)
