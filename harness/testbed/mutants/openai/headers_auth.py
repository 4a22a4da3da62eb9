"""Mutants of headers, keys and limits."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from harness.testbed.base import Mutant
from harness.testbed.gateway.errors import RequestError
from harness.testbed.gateway.gateway import Overrides
from harness.testbed.gateway.limits import Budget
from harness.testbed.keys import GATEWAY_KEY
from harness.testbed.mutants.openai.error_operators import replaces_status
from harness.testbed.mutants.openai.operators import headers

Pairs = list[tuple[str, str]]
LIMITS = ("limit", "remaining", "reset")


def without(name: str) -> Overrides:
    return headers(lambda headers: headers.pop(name, None))


def with_value(name: str, value: str) -> Overrides:
    return headers(lambda headers: headers.update({name: value}))


def on_errors(change: Callable[[Pairs], Pairs]) -> Overrides:
    """Changes the headers of error responses."""

    def refuse(original: Callable[..., dict[str, Any]], *args: Any) -> dict[str, Any]:
        reply = original(*args)
        return {**reply, "headers": change(reply["headers"])}

    return {"refuse": refuse}


def drops_header(name: str) -> Callable[[Pairs], Pairs]:
    return lambda pairs: [pair for pair in pairs if pair[0] != name]


def limit(kind: str, unit: str) -> tuple[Mutant, ...]:
    name = f"x-ratelimit-{kind}-{unit}"
    case = f"header.{name}"
    return (
        Mutant(f"{case}.missing", f"omits {name}", case, "present", without(name)),
        Mutant(f"{case}.odd", f"sends {name} as a word", case, "present", with_value(name, "many")),
    )


def reset_in_words(pairs: Pairs) -> Pairs:
    return [(k, "soon" if k == "retry-after" else v) for k, v in pairs]


HEADERS = (
    *(mutant for kind in LIMITS for unit in ("requests", "tokens") for mutant in limit(kind, unit)),
    Mutant("header.retry-after.missing", "omits retry-after", "header.retry-after",
           "limited.when", on_errors(drops_header("retry-after"))),
    Mutant("header.retry-after.words", "sends retry-after as words", "header.retry-after",
           "limited.when", on_errors(reset_in_words)),
    Mutant("header.request-id.missing", "omits request-id", "header.request-id", "present",
           without("request-id")),
    Mutant("header.request-id.lost", "omits request-id in errors", "header.request-id",
           "present", on_errors(drops_header("request-id"))),
    Mutant("header.request-id.none", "omits both request ids in errors", "header.request-id",
           "present", on_errors(lambda pairs: [p for p in pairs if "request-id" not in p[0]])),
    Mutant("header.request-id.renamed", "sends x-request-id instead of request-id",
           "header.request-id", "present",
           headers(lambda headers: headers.update({"x-request-id": headers.pop("request-id")}))),
    Mutant("header.request-id.same", "uses one request id for all requests",
           "header.request-id.unique",
           "unique header request-id", with_value("request-id", "req_1")),
    Mutant("header.openai-version.newer", "sends another openai-version", "header.openai-version",
           "always", with_value("openai-version", "2025-01-01")),
    Mutant("header.openai-version.missing", "omits openai-version", "header.openai-version",
           "always", without("openai-version")),
    Mutant("header.openai-version.lost", "omits openai-version in errors",
           "header.openai-version", "always", on_errors(drops_header("openai-version"))),
    Mutant("header.openai-version.doubled", "sends two values in openai-version",
           "header.openai-version", "always",
           with_value("openai-version", "2020-10-01, 2020-10-01")),
    Mutant("header.openai-processing-ms.told", "sends openai-processing-ms",
           "header.openai-processing-ms", "always_empty", with_value("openai-processing-ms", "12")),
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
    Mutant("headers.media-type", "returns a 500 for another content type", "errors.content-type",
           "status", replaces_status(500, lambda refusal: refusal.status == 415)),
    Mutant("limits.crash", "returns a 500 at its rate limit", "header.retry-after", "status",
           {"admit": crash_at_limit}),
)  # fmt: skip

HEADERS_AND_AUTH = (*HEADERS, *AUTH)
