"""Mutants of headers, keys and limits."""

from __future__ import annotations

from collections.abc import Callable

from harness.testbed.base import Mutant
from harness.testbed.gateway.errors import RequestError

Pairs = list[tuple[str, str]]


def authorization(pairs: Pairs) -> str:
    return next((value for name, value in pairs if name.lower() == "authorization"), "")


def repeats_key(original: Callable[[Pairs], str], pairs: Pairs) -> str:
    try:
        return original(pairs)
    except RequestError as refusal:
        raise RequestError(
            401, f"Incorrect API key: {authorization(pairs)}", code=refusal.code
        ) from None


HEADERS_AND_AUTH = (
    Mutant("auth.leaked", "repeats the key in its error", "auth.not-leaked",
           "body $.error.message", {"authorize": repeats_key}),
)  # fmt: skip
