"""Target, keys, command line -> what nobody may read in an output. May not hide it itself.

Secrets reach us in four ways: as a key, as a header (`--header`, a target file), inside the base
URL (`http://user:password@host`, `?key=...`), and inside a proxy's URL.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from string import ascii_lowercase
from typing import Final
from urllib.parse import parse_qsl, unquote, urlsplit

from harness.model import Target

# Headers that are a caller's key: a case that asks for no key, or a wrong one, replaces them.
CREDENTIALS: Final = frozenset(
    {"authorization", "x-api-key", "api-key", "x-goog-api-key", "cookie"}
)
_TELLING: Final = re.compile(
    r"(?<![a-z])(auth|authorization|(api|access|auth)?(key|token)|secret|password|passwd|cookie|"
    r"credentials?|session(id)?|sig|signature|jwt)(?![a-z])"
)
_SCHEMES: Final = re.compile(r"(?i)^(basic|bearer|token|apikey|digest|negotiate|key)$")
_LOOKS: Final = re.compile(r"^(sk|pk|rk|gsk|xai|hf|ghp|AIza|eyJ)[-_A-Za-z0-9.]{12,}$")
_USERINFO: Final = re.compile(r"(?<=://)[^/?#\s]*(?=@)")
_PARAMETER: Final = re.compile(r"(?<=[?&])([^=&#\s]+)=([^&#\s]*)")
_OPTIONS: Final = ("--header", "--llm-header")
# A shorter value of a header that only sounds secret is hidden there, and not in every text: it may
# well be a word of the protocol.
_WORD: Final = 8


def is_secret(name: str, value: str = "") -> bool:
    """Whether the value under this name, of a header or a parameter, is to be hidden."""
    words = value.split()
    return bool(_TELLING.search(name.lower())) or bool(words and _LOOKS.match(words[-1]))


def find_secrets(
    target: Target, keys: Mapping[str, str], proxies: Iterable[str] = ()
) -> dict[str, str]:
    """Label -> secret. Labels are lower-case letters and dashes; each names one secret."""
    found: dict[str, str] = {}
    told = [("caller" if use == "key" else use, key) for use, key in keys.items()]
    for endpoint in target.endpoints.values():
        told += [pair for name, value in endpoint.headers for pair in telling(name, value)]
        told += in_url(endpoint.base_url)
    told += [pair for url in proxies for pair in in_url(url)]
    for label, secret in told:
        if secret and secret not in found.values():
            found[free(label, found)] = secret
    return found


def telling(name: str, value: str) -> Iterator[tuple[str, str]]:
    """What of a header is to be looked for in every text."""
    least = 1 if name.lower() in CREDENTIALS - {"cookie"} else _WORD
    return ((label, secret) for label, secret in in_header(name, value) if len(secret) >= least)


def in_header(name: str, value: str) -> Iterator[tuple[str, str]]:
    """What of a header's value is secret: without the scheme before it, and inside Basic."""
    if not is_secret(name, value):
        return
    scheme, _, rest = value.strip().partition(" ")
    secret = rest.strip() if _SCHEMES.match(scheme) and rest.strip() else value.strip()
    label = re.sub(r"[^a-z]+", "-", name.lower().removesuffix("-key")).strip("-") or "header"
    yield label, secret
    if "cookie" in name.lower():
        parts = (part.partition("=")[2].strip() for part in secret.split(";"))
        yield from ((label, part) for part in parts if part)
    if scheme.lower() == "basic":
        try:
            user, _, password = base64.b64decode(secret).decode("utf-8").partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return
        yield from (("password", part) for part in (password or user,) if part)


def in_url(url: str) -> Iterator[tuple[str, str]]:
    """A URL's password (or its user, where that is all), and its secret parameters."""
    try:
        parts = urlsplit(url)
    except ValueError:  # no URL, and nothing is sent to it
        return
    secret = parts.password or parts.username
    if secret:
        yield "password", unquote(secret)
        yield "password", secret
    for name, value in parse_qsl(parts.query):
        if is_secret(name, value):
            yield "parameter", value


def free(label: str, taken: Mapping[str, str]) -> str:
    """The label, or it with a letter behind it where it is taken."""
    names = (label, *(f"{label}-{letter}" for letter in ascii_lowercase))
    return next((name for name in names if name not in taken), label)


def redact_url(url: str) -> str:
    """A URL that may be shown: its userinfo and its secret parameters are blacked out."""

    def parameter(found: re.Match[str]) -> str:
        return f"{found[1]}=[key:parameter]" if is_secret(found[1], found[2]) else found[0]

    return _PARAMETER.sub(parameter, _USERINFO.sub("[key:password]", url))


def redact_header(name: str, value: str) -> tuple[str, str]:
    """A header that may be shown: the scheme stays, the secret behind it is blacked out."""
    label, secret = next(in_header(name, value), ("", ""))
    return name, value.replace(secret, f"[key:{label}]") if secret else value


def redact_command(words: Sequence[str]) -> list[str]:
    """A command line that may be shown: no secret header, no password in a URL."""
    shown, behind = [], False
    for word in words:
        option, mark, value = word.partition("=")
        if behind:
            word = hidden_header(word)
        elif mark and option in _OPTIONS:
            word = f"{option}={hidden_header(value)}"
        behind = word in _OPTIONS
        shown.append(redact_url(word))
    return shown


def hidden_header(text: str) -> str:
    name, colon, value = text.partition(":")
    hidden = redact_header(name.strip(), value.strip())[1]
    return text if hidden == value.strip() else f"{name}{colon} {hidden}"
