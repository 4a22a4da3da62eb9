"""Variants of the mock provider: compliant, but different. Every case must pass with each."""

from __future__ import annotations

from dataclasses import dataclass

from harness.testbed.mock_provider.recording import Script


@dataclass(frozen=True, slots=True)
class ProviderVariant:
    """A compliant provider. `script` is the default script of its replies."""

    id: str
    description: str
    script: Script


EXTRA = {"x_provider": {"region": "eu", "hops": [1]}, "system_fingerprint": "fp_x"}
HEADERS = [["cf-ray", "8f2a"], ["x-provider-region", "eu"], ["set-cookie", "__cf=1; HttpOnly"]]
EVERYTHING = {
    "bytes": True,
    "fragments": 1,
    "pings": 1,
    "crlf": True,
    "extra": EXTRA,
    "headers": HEADERS,
}

PROVIDER_VARIANTS: tuple[ProviderVariant, ...] = tuple(
    ProviderVariant(f"upstream.{name}", description, script)
    for name, description, script in (
        ("bytes", "sends one byte at a time", {"bytes": True}),
        ("letters", "streams one character per delta", {"fragments": 1}),
        ("blocks", "streams the whole text in one delta", {"fragments": 1_000_000}),
        ("pings", "sends two pings between events", {"pings": 2}),
        ("crlf", "ends lines with CRLF", {"crlf": True}),
        ("extra", "adds unknown fields", {"extra": EXTRA}),
        ("headers", "adds unknown headers", {"headers": HEADERS}),
        ("cached", "reads some tokens from its cache", {"usage": {"cache_read": 3}}),
        ("restless", "combines all of these", EVERYTHING),
    )
)
