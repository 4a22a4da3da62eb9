"""Mutants of API keys and request headers on the Anthropic endpoint."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from harness.testbed.gateway.endpoint import Headers, Request, header_values
from harness.testbed.gateway.errors import RequestError
from harness.testbed.mutants.anthropic.operators import mutant
from harness.testbed.mutants.anthropic.request_operators import (
    rejects_with,
)

LEAKED = "body $..*"


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


ANTHROPIC_KEYS = (
    mutant("auth.leaks", "repeats the key in its error", "auth.not-leaked", LEAKED,
           {"anthropic.authorize": repeats_key}),
    mutant("auth.debug-leaks", "shows all headers in debug output",
           "auth.not-leaked.debug", LEAKED, {"anthropic.authorize": repeats_headers}),
)  # fmt: skip


def versions(request: Request) -> list[str]:
    return header_values(request["headers"], "anthropic-version")


def crash(cause: str, case: str, name: str, test: Callable[[Request], bool]) -> Any:
    return mutant(name, f"returns a 500 for {cause}", case, "status", rejects_with(test, 500))


ANTHROPIC_HEADERS_SENT = (
    crash("a version that comes twice", "version.doubled", "version.doubled-crash",
           lambda request: len(versions(request)) > 1),
)  # fmt: skip
