"""Checks the base URLs of a target and prepares TLS for them."""

from __future__ import annotations

import os
import ssl
from dataclasses import dataclass
from typing import Final
from urllib.request import getproxies

import httpx

from harness.fire.redaction.secrets import redact_url
from harness.model import Target
from harness.util.errors import UsageError
from harness.util.file_access import MAX_YAML, open_regular, read_bytes

MAX_PORT: Final = 65_535


def check_base_urls(target: Target) -> None:
    """Raises UsageError for a base URL to which nothing can be sent."""
    for endpoint in target.endpoints.values():
        try:
            url = httpx.URL(endpoint.base_url)
            host = url.host  # decoded from Punycode
        except (httpx.InvalidURL, UnicodeError) as error:
            raise invalid_url(endpoint.base_url, str(error)) from error
        if url.scheme not in ("http", "https") or not host:
            raise invalid_url(endpoint.base_url, "write http://HOST:PORT/v1 or https://...")
        if url.userinfo:
            reason = "must not contain a user or password: name a variable that holds the key"
            raise UsageError(f"the URL of {host} {reason}")
        if url.port is not None and not 0 < url.port <= MAX_PORT:
            raise invalid_url(endpoint.base_url, f"port {url.port} does not exist")


def invalid_url(url: str, reason: str) -> UsageError:
    """Returns the error for an invalid base URL, without its secrets."""
    return UsageError(f"`{redact_url(url)}` is not a base URL: {redact_url(reason)}")


@dataclass(frozen=True, slots=True)
class Trust:
    """Which certificates of the target are accepted: `authorities` is the path of a PEM file.

    Without one, these are the authorities of SSL_CERT_FILE or SSL_CERT_DIR, or else httpx's.
    """

    authorities: str = ""
    any_certificate: bool = False


DEFAULT_TRUST: Final = Trust()


def ssl_context(target: Target, trust: Trust) -> ssl.SSLContext:
    """Returns the TLS settings of all connections.

    Certificates are loaded only if a connection needs them, since that takes long. UsageError is
    raised if they cannot be read.
    """
    if trust.authorities:
        return context_of_authorities(trust.authorities)
    plain = all(endpoint.base_url.startswith("http://") for endpoint in target.endpoints.values())
    proxies = () if target.builtin else getproxies().values()
    if plain and not any(url.startswith("https") for url in proxies):
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if trust.any_certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        return context
    name = "SSL_CERT_FILE" if os.environ.get("SSL_CERT_FILE") else "SSL_CERT_DIR"
    try:
        if name == "SSL_CERT_FILE":
            open_regular(os.environ[name], MAX_YAML).close()
        return httpx.create_ssl_context()
    except OSError as error:  # also ssl.SSLError
        reason = error.strerror or str(error)
        raise UsageError(f"cannot use {name}={os.environ.get(name, '')}: {reason}") from error


def context_of_authorities(path: str) -> ssl.SSLContext:
    """Returns a context that trusts only the authorities in a PEM file. Raises UsageError."""
    try:
        text = read_bytes(path, MAX_YAML).decode("ascii", "replace")
        return ssl.create_default_context(cadata=text or "-")  # without any, it would trust others
    except OSError as error:  # also ssl.SSLError, whose text helps less
        is_system_error = not isinstance(error, ssl.SSLError)
        reason = error.strerror if is_system_error else "it has no certificate in PEM form"
        raise UsageError(f"cannot use --ca {path}: {reason}") from error
