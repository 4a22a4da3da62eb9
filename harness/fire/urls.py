"""Checks the base URLs of a target and prepares TLS for them."""

from __future__ import annotations

import os
import ssl
from typing import Final
from urllib.request import getproxies

import httpx

from harness.fire.redaction.secrets import redact_url
from harness.model import Target
from harness.util.errors import UsageError

MAX_PORT: Final = 65_535


def check_base_urls(target: Target) -> None:
    """Raises UsageError for a base URL to which nothing can be sent."""
    for endpoint in target.endpoints.values():
        try:
            url = httpx.URL(endpoint.base_url)
        except (httpx.InvalidURL, UnicodeError) as error:
            raise invalid_url(endpoint.base_url, str(error)) from error
        if url.scheme not in ("http", "https") or not url.host:
            raise invalid_url(endpoint.base_url, "write http://HOST:PORT/v1 or https://...")
        if url.userinfo:
            reason = "must not contain a user or password: name a variable that holds the key"
            raise UsageError(f"the URL of {url.host} {reason}")
        if url.port is not None and not 0 < url.port <= MAX_PORT:
            raise invalid_url(endpoint.base_url, f"port {url.port} does not exist")


def invalid_url(url: str, reason: str) -> UsageError:
    """Returns the error for an invalid base URL, without its secrets."""
    return UsageError(f"`{redact_url(url)}` is not a base URL: {redact_url(reason)}")


def ssl_context(target: Target) -> ssl.SSLContext:
    """Returns a context that trusts SSL_CERT_FILE or SSL_CERT_DIR, or else httpx's default.

    Certificates are loaded only if a connection needs them, since that takes long. UsageError is
    raised if they cannot be read.
    """
    plain = all(endpoint.base_url.startswith("http://") for endpoint in target.endpoints.values())
    proxies = () if target.builtin else getproxies().values()
    if plain and not any(url.startswith("https") for url in proxies):
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        return httpx.create_ssl_context()
    except OSError as error:  # also ssl.SSLError
        name = "SSL_CERT_FILE" if os.environ.get("SSL_CERT_FILE") else "SSL_CERT_DIR"
        reason = error.strerror or str(error)
        raise UsageError(f"cannot use {name}={os.environ.get(name, '')}: {reason}") from error
