"""The provider, right in another way: as other right providers are. May not be wrong."""

from __future__ import annotations

from dataclasses import dataclass

from harness.testbed.mock_provider.recording import Script


@dataclass(frozen=True, slots=True)
class ProviderVariant:
    """A provider with manners of its own; every case must pass before it."""

    id: str
    description: str
    script: Script


MORE = {"x_provider": {"region": "eu", "hops": [1]}, "system_fingerprint": "fp_x"}
HEADERS = [["cf-ray", "8f2a"], ["x-provider-region", "eu"], ["set-cookie", "__cf=1; HttpOnly"]]

PROVIDER_VARIANTS: tuple[ProviderVariant, ...] = (
    ProviderVariant("upstream.bytes", "writes byte by byte", {"bytes": True}),
    ProviderVariant("upstream.letters", "says letter by letter", {"fragments": 1}),
    ProviderVariant("upstream.blocks", "says all at once", {"fragments": 1_000_000}),
    ProviderVariant("upstream.pings", "pings between any two events", {"pings": 2}),
    ProviderVariant("upstream.crlf", "ends lines as HTTP does", {"crlf": True}),
    ProviderVariant("upstream.extra", "adds fields of its own", {"extra": MORE}),
    ProviderVariant("upstream.headers", "adds headers of its own", {"headers": HEADERS}),
    ProviderVariant("upstream.cached", "reads some tokens from its cache",
                    {"usage": {"cache_read": 3}}),
    ProviderVariant("upstream.restless", "does all of it",
          {"bytes": True, "fragments": 1, "pings": 1, "crlf": True, "extra": MORE,
           "headers": HEADERS}),
)  # fmt: skip
