"""Converts a provider's rate limit headers to the names of the caller's protocol."""

from __future__ import annotations

import re
from collections.abc import Callable

from harness.testbed.gateway.endpoint import Headers
from harness.testbed.gateway.limits import rfc3339

RETRY_HEADERS = ("retry-after", "retry-after-ms", "x-should-retry")
PREFIX = {"anthropic": "anthropic-ratelimit-", "openai": "x-ratelimit-"}
_LIMIT_HEADER = {
    "anthropic": re.compile(r"anthropic-ratelimit-(requests|tokens)-(limit|remaining|reset)"),
    "openai": re.compile(r"x-ratelimit-(limit|remaining|reset)-(requests|tokens)"),
}
_DURATION = re.compile(r"(\d{1,9}(?:\.\d{1,9})?)(ms|s|m|h|d)")
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


def convert(headers: Headers, caller: str, provider: str, now: Callable[[], float]) -> Headers:
    """Returns the retry and rate limit headers for the caller.

    Args:
        headers: All headers of the provider.
        caller: The protocol of the caller.
        provider: The protocol of the provider.
        now: Unix seconds.
    """
    converted: Headers = []
    for original, value in headers:
        name = original.lower()
        is_own = caller == provider and name.startswith(PREFIX[provider])
        if name in RETRY_HEADERS or is_own:
            converted.append((name, value))
        elif match := _LIMIT_HEADER[provider].fullmatch(name):
            converted += _translate(match, value, caller, now)
    return converted


def _translate(match: re.Match[str], value: str, caller: str, now: Callable[[], float]) -> Headers:
    """OpenAI writes a reset in any format, Anthropic as a timestamp."""
    if caller == "openai":
        unit, quantity = match.groups()
        return [(f"x-ratelimit-{quantity}-{unit}", value)]
    quantity, unit = match.groups()
    if quantity == "reset":
        parts = _DURATION.findall(value)
        if not parts:
            return []
        value = rfc3339(now() + sum(float(n) * _SECONDS[name] for n, name in parts))
    return [(f"anthropic-ratelimit-{unit}-{quantity}", value)]
