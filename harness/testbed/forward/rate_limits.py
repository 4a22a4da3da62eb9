"""A provider's headers -> what the caller of a front is told of them. May not invent any."""

from __future__ import annotations

import re
from collections.abc import Callable

from harness.testbed.gateway.endpoint import Headers
from harness.testbed.gateway.limits import rfc3339

AGAIN = ("retry-after", "retry-after-ms", "x-should-retry")
PREFIX = {"anthropic": "anthropic-ratelimit-", "openai": "x-ratelimit-"}
_THEIRS = {
    "anthropic": re.compile(r"anthropic-ratelimit-(requests|tokens)-(limit|remaining|reset)"),
    "openai": re.compile(r"x-ratelimit-(limit|remaining|reset)-(requests|tokens)"),
}
_DURATION = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)")
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


def passed(headers: Headers, spoken: str, heard: str, now: Callable[[], float]) -> Headers:
    """Limits under the names of the protocol that is `spoken`, from one that was `heard`."""
    told: Headers = []
    for name, value in headers:
        name = name.lower()
        if name in AGAIN or (spoken == heard and name.startswith(PREFIX[heard])):
            told.append((name, value))
        elif found := _THEIRS[heard].fullmatch(name):
            told += renamed(found, value, spoken, now)
    return told


def renamed(found: re.Match[str], value: str, spoken: str, now: Callable[[], float]) -> Headers:
    """A reset is a moment for Anthropic; OpenAI's name for it takes any way of writing it."""
    if spoken == "openai":
        kind, what = found.groups()
        return [(f"x-ratelimit-{what}-{kind}", value)]
    what, kind = found.groups()
    if what == "reset":
        parts = _DURATION.findall(value)
        if not parts:
            return []
        value = rfc3339(now() + sum(float(n) * _SECONDS[unit] for n, unit in parts))
    return [(f"anthropic-ratelimit-{kind}-{what}", value)]
