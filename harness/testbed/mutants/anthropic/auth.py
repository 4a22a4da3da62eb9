"""Mutants of API keys and request headers on the Anthropic endpoint."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from harness.testbed.gateway.endpoint import Headers, Request, header_values
from harness.testbed.gateway.errors import RequestError
from harness.testbed.keys import GATEWAY_KEY
from harness.testbed.mutants.anthropic.operators import mutant
from harness.testbed.mutants.anthropic.request_operators import (
    accepts_any_key,
    at,
    authorizes,
    both_of,
    header_contains,
    rejects_keys,
    rejects_with,
)
from harness.testbed.mutation.rows import mutants_in

LEAKED = "body $..*"
BEARER = f"Bearer {GATEWAY_KEY}"


def as_api_key(headers: Headers) -> bool:
    return GATEWAY_KEY in header_values(headers, "x-api-key")


def as_bearer(headers: Headers) -> bool:
    return BEARER in header_values(headers, "authorization")


def prefers_bearer(headers: Headers) -> bool:
    return as_bearer(headers) if header_values(headers, "authorization") else as_api_key(headers)


def crashes_on_empty_key(original: Callable[[Headers], str], headers: Headers) -> str:
    if header_values(headers, "x-api-key") == [""]:
        raise RequestError(500, "list index out of range")
    return original(headers)


def repeats_key(original: Callable[[Headers], str], headers: Headers) -> str:
    try:
        return original(headers)
    except RequestError:
        raise RequestError(
            401, f"invalid x-api-key {header_values(headers, 'x-api-key')}"
        ) from None


def repeats_headers(original: Callable[[Headers], str], headers: Headers) -> str:
    try:
        return original(headers)
    except RequestError as refusal:
        if header_values(headers, "x-debug-auth"):
            raise RequestError(401, f"{refusal.message}: {dict(headers)}") from None
        raise


def has_no_key(request: Request) -> bool:
    return not header_values(request["headers"], "x-api-key") and not header_values(
        request["headers"], "authorization"
    )


def has_key(request: Request) -> bool:
    return not has_no_key(request)


ANTHROPIC_KEYS = (
    mutant("auth.bearer-only", "accepts a key only in Authorization", "auth.x-api-key", "status",
           authorizes(as_bearer)),
    mutant("auth.x-api-key-only", "accepts a key only in x-api-key", "auth.bearer", "status",
           authorizes(as_api_key)),
    mutant("auth.open", "accepts requests without a key", "auth.missing", "rejected.refused",
           accepts_any_key(has_no_key)),
    mutant("auth.any", "accepts any key", "auth.wrong", "rejected.refused",
           accepts_any_key(has_key)),
    mutant("auth.any-bearer", "accepts any key in Authorization", "auth.wrong.bearer",
           "rejected.refused", accepts_any_key(header_contains("authorization", "bearer"))),
    mutant("auth.empty", "accepts an empty key", "auth.empty", "rejected.refused",
           accepts_any_key(lambda request: header_values(request["headers"], "x-api-key") == [""])),
    mutant("auth.empty-crash", "returns a 500 for an empty key", "auth.empty", "status",
           {"anthropic.authorize": crashes_on_empty_key}),
    mutant("auth.basic", "accepts any authorization scheme", "auth.malformed", "rejected.refused",
           accepts_any_key(header_contains("authorization", "basic"))),
    mutant("auth.bearer-first", "prefers Authorization to x-api-key",
           "auth.both.x-api-key-good", "status", authorizes(prefers_bearer)),
    mutant("auth.one", "rejects a key in both headers", "auth.both", "status",
           authorizes(lambda headers: as_bearer(headers) != as_api_key(headers))),
    mutant("auth.either", "accepts a request if one of two keys is valid",
           "auth.both.bearer-good", "status",
           authorizes(lambda headers: as_bearer(headers) or as_api_key(headers))),
    mutant("auth.leaks", "repeats the key in its error", "auth.not-leaked", LEAKED,
           {"anthropic.authorize": repeats_key}),
    mutant("auth.debug-leaks", "shows all headers in debug output",
           "auth.not-leaked.debug", LEAKED, {"anthropic.authorize": repeats_headers}),
    mutant("auth.models-open", "lists its models without a key", "auth.models", "status",
           accepts_any_key(at("/v1/models", "GET"))),
    mutant("auth.model-open", "returns a model without a key", "auth.model", "status",
           accepts_any_key(at("/v1/models/", "GET"))),
    mutant("auth.count-open", "counts tokens without a key", "auth.count_tokens", "status",
           accepts_any_key(at("/v1/messages/count_tokens"))),
    mutant("auth.models-closed", "lists its models only for x-api-key", "auth.models.bearer",
           "status",
           rejects_keys(both_of(at("/v1/models"), header_contains("authorization", "bearer")))),
    mutant("auth.count-closed", "counts tokens only for x-api-key", "auth.count_tokens.bearer",
           "status",
           rejects_keys(both_of(at("/v1/messages/count_tokens"),
                                header_contains("authorization", "b")))),
)  # fmt: skip


def versions(request: Request) -> list[str]:
    return header_values(request["headers"], "anthropic-version")


def version_twice(original: Callable[[Headers], list[str]], headers: Headers) -> list[str]:
    return original(headers) * 2


def requires_old_version(original: Callable[[Headers], Any], headers: Headers) -> Any:
    if "2023-06-01" not in header_values(headers, "anthropic-version"):
        raise RequestError(400, "anthropic-version: not supported")
    return original(headers)


def crash(cause: str, case: str, name: str, test: Callable[[Request], bool]) -> Any:
    return mutant(name, f"returns a 500 for {cause}", case, "status", rejects_with(test, 500))


ANTHROPIC_HEADERS_SENT = (
    *mutants_in("anthropic/auth"),
    mutant("version.relayed-twice", "sends the version twice to the provider",
           "version.document", "status", {"anthropic.versions": version_twice}),
    mutant("version.old-only", "accepts only the old version", "version.current", "status",
           {"anthropic.check_version": requires_old_version}),
    crash("a version that comes twice", "version.doubled", "version.doubled-crash",
           lambda request: len(versions(request)) > 1),
    mutant("beta.query", "returns a 404 for a path with a query", "beta.query", "status",
           rejects_with(lambda request: "?beta" in request["path"], 404)),
    crash("a missing content type", "content-type.missing", "content-type.missing-crash",
           lambda request: bool(request["body"])
           and not header_values(request["headers"], "content-type")),
)  # fmt: skip
