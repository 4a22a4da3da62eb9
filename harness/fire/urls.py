"""The target's addresses -> what httpx needs to reach them. May not connect."""

from __future__ import annotations

import os
import ssl
from urllib.request import getproxies

import httpx

from harness.fire.redaction.secrets import redact_url
from harness.model import Target
from harness.util.errors import UsageError

HIGHEST = 65_535


def check(target: Target) -> None:
    """Raises UsageError for a base URL to which nothing can be sent."""
    for endpoint in target.endpoints.values():
        try:
            url = httpx.URL(endpoint.base_url)
        except (httpx.InvalidURL, UnicodeError) as error:
            raise wrong(endpoint.base_url, str(error)) from error
        if url.scheme not in ("http", "https") or not url.host:
            raise wrong(endpoint.base_url, "write http://HOST:PORT/v1 or https://...")
        if url.userinfo:
            raise UsageError(
                f"no user and password in the URL of {url.host}: name a variable that holds the key"
            )
        if url.port is not None and not 0 < url.port <= HIGHEST:
            raise wrong(endpoint.base_url, f"there is no port {url.port}")


def wrong(url: str, why: str) -> UsageError:
    return UsageError(f"`{redact_url(url)}` is not a base URL: {redact_url(why)}")


def context(target: Target) -> ssl.SSLContext:
    """Trusts what SSL_CERT_FILE or SSL_CERT_DIR name, else what httpx ships. Raises UsageError."""
    plain = all(endpoint.base_url.startswith("http://") for endpoint in target.endpoints.values())
    proxies = () if target.builtin else getproxies().values()
    if plain and not any(url.startswith("https") for url in proxies):
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        return httpx.create_ssl_context()
    except OSError as error:  # ssl.SSLError is one
        name = "SSL_CERT_FILE" if os.environ.get("SSL_CERT_FILE") else "SSL_CERT_DIR"
        why = error.strerror or str(error)
        raise UsageError(f"{name}={os.environ.get(name, '')} cannot be used: {why}") from error
