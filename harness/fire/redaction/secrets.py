"""Finds the secrets of a run, and hides them where they are in URLs, headers and commands.

A secret reaches the harness as a key, as a header (`--header`, a target file), inside a base URL
(`http://user:password@host`, `?key=...`), or inside the URL of a proxy.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import pairwise
from string import ascii_lowercase
from typing import Final
from urllib.parse import parse_qsl, unquote, urlsplit

from harness.model import Target

# Headers that are a caller's key: a case that asks for no key, or a wrong one, replaces them.
CREDENTIALS: Final = frozenset(
    {"authorization", "x-api-key", "api-key", "x-goog-api-key", "cookie"}
)
_SECRET_NAME: Final = re.compile(
    r"(?<![a-z])(auth|authorization|(api|access|auth)?(key|token)|secret|password|passwd|cookie|"
    r"credentials?|session(id)?|sig|signature|jwt)(?![a-z])"
)
SCHEME: Final = re.compile(r"(?i)^(basic|bearer|token|apikey|digest|negotiate|key)$")
_SECRET_VALUE: Final = re.compile(r"^(sk|pk|rk|gsk|xai|hf|ghp|AIza|eyJ)[-_A-Za-z0-9.]{12,}$")
_USERINFO: Final = re.compile(r"(?<=://)[^/?#\s]*(?=@)")
_PARAMETER: Final = re.compile(r"(?<=[?&])([^?=&#\s]+)=([^&#\s]*)")
_HEADER_OPTIONS: Final = ("--header", "--llm-header")
# A shorter value of a header that only has a secret's name is hidden in that header, and not in
# every text: it may be a word of the protocol.
_MIN_LENGTH: Final = 8


def is_secret(name: str, value: str = "") -> bool:
    """Returns whether the value of a header or parameter of this name must be hidden."""
    words = value.split()
    is_secret_value = bool(words and _SECRET_VALUE.match(words[-1]))
    return bool(_SECRET_NAME.search(name.lower())) or is_secret_value


def find_secrets(
    target: Target, keys: Mapping[str, str], proxies: Iterable[str] = ()
) -> dict[str, str]:
    """Returns the secrets by label: the keys, and those in the target and in URLs of proxies."""
    candidates = [("caller" if use == "key" else use, key) for use, key in keys.items()]
    for endpoint in target.endpoints.values():
        for name, value in endpoint.headers:
            min_length = 1 if name.lower() in CREDENTIALS - {"cookie"} else _MIN_LENGTH
            pairs = header_secrets(name, value)
            candidates += ((label, secret) for label, secret in pairs if len(secret) >= min_length)
        candidates += url_secrets(endpoint.base_url)
    candidates += (pair for url in proxies for pair in url_secrets(url))
    secrets: dict[str, str] = {}
    for label, secret in candidates:
        if secret and secret not in secrets.values():
            letters = (f"{label}-{letter}" for letter in ascii_lowercase)
            names = (name for name in (label, *letters) if name not in secrets)
            secrets[next(names, label)] = secret
    return secrets


def header_secrets(name: str, value: str) -> Iterator[tuple[str, str]]:
    """Yields (label, secret) for the secrets of a header: without its scheme, and inside Basic."""
    if not is_secret(name, value):
        return
    scheme, _, credentials = value.strip().partition(" ")
    has_scheme = SCHEME.match(scheme) and credentials.strip()
    secret = credentials.strip() if has_scheme else value.strip()
    label = re.sub(r"[^a-z]+", "-", name.lower().removesuffix("-key")).strip("-") or "header"
    yield label, secret
    if "cookie" in name.lower():
        parts = (part.partition("=")[2].strip() for part in secret.split(";"))
        yield from ((label, part) for part in parts if part)
    if scheme.lower() == "basic":
        with suppress(binascii.Error, UnicodeDecodeError):
            user, _, password = base64.b64decode(secret).decode("utf-8").partition(":")
            if password or user:
                yield "password", password or user


def url_secrets(url: str) -> Iterator[tuple[str, str]]:
    """Yields (label, secret) for a URL's password (or a user without one) and its parameters."""
    try:
        parts = urlsplit(url)
    except ValueError:  # nothing is sent to an invalid URL
        return
    if secret := parts.password or parts.username:
        yield "password", unquote(secret)
        yield "password", secret
    for name, value in parse_qsl(parts.query):
        if is_secret(name, value):
            yield "parameter", value


def redact_url(url: str) -> str:
    """Hides the userinfo and the secret parameters of a URL, or of each URL in a text."""

    def redact_parameter(match: re.Match[str]) -> str:
        return f"{match[1]}=[key:parameter]" if is_secret(match[1], match[2]) else match[0]

    return _PARAMETER.sub(redact_parameter, _USERINFO.sub("[key:password]", url))


def redact_header(name: str, value: str) -> tuple[str, str]:
    """Returns the header with its secret hidden; the scheme before it stays."""
    label, secret = next(header_secrets(name, value), ("", ""))
    return name, value.replace(secret, f"[key:{label}]") if secret else value


def redact_command(words: Sequence[str]) -> list[str]:
    """Hides the secret headers, and the passwords in URLs, of a command line."""
    redacted = []
    for previous, word in pairwise(("", *words)):
        option, equals, value = word.partition("=")
        if previous in _HEADER_OPTIONS:
            word = redact_header_option(word)
        elif equals and option in _HEADER_OPTIONS:
            word = f"{option}={redact_header_option(value)}"
        redacted.append(redact_url(word))
    return redacted


def redact_header_option(text: str) -> str:
    """Hides the secret in a header that is written as `Name: value`."""
    name, colon, value = text.partition(":")
    redacted = redact_header(name.strip(), value.strip())[1]
    return text if redacted == value.strip() else f"{name}{colon} {redacted}"
