"""Builds the URL, the headers and the body of a request."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final

from harness.fire.redaction.secrets import CREDENTIALS
from harness.model import Call, Endpoint, Json, Pairs

WRONG_KEY: Final = "sk-wrong-0000000000000000"
AGENT: Final = "llm-gateway-conformance"
NONCE: Final = "x-conformance-nonce"  # header with which a verifier marks the requests of one run


def build_url(base_url: str, path: str) -> str:
    """Appends the call's path to the base URL; a query of the base URL stays at the end."""
    base, _, query = base_url.partition("?")
    separator = "&" if "?" in path else "?"
    return base.rstrip("/") + path + (separator + query if query else "")


def encode_body(call: Call) -> bytes | None:
    """Returns raw text as it is, or the body as JSON."""
    if call.raw is not None:
        return call.raw.encode("utf-8", "surrogatepass")
    return None if call.body is None else encode_json(call.body)


def encode_json(value: Json) -> bytes:
    """Encodes a value as JSON, with lone surrogates escaped."""
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "backslashreplace")


def encode_headers(pairs: Pairs) -> list[tuple[bytes, bytes]]:
    """Encodes names and values as Latin-1, as HTTP defines it, or else as UTF-8."""

    def encode(text: str) -> bytes:
        try:
            return text.encode("latin-1")
        except UnicodeEncodeError:
            return text.encode("utf-8", "replace")

    return [(encode(name), encode(value)) for name, value in pairs]


def decode_headers(pairs: Iterable[tuple[bytes, bytes]]) -> Pairs:
    """Decodes names and values as Latin-1, which no byte breaks."""
    return tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in pairs)


def build_headers(endpoint: Endpoint, call: Call, keys: Mapping[str, str]) -> Pairs:
    """Returns the headers of a call; each group replaces earlier headers of the same name.

    The groups are the harness's own headers, the target's, the key, and the case's.
    """
    has_body = call.raw is not None or call.body is not None
    default = [
        ("accept", "application/json"),
        ("accept-encoding", "identity"),
        ("user-agent", AGENT),
        *([("content-type", "application/json")] if has_body else ()),
    ]
    target = drop_headers(endpoint.headers, CREDENTIALS)
    pairs = merge_headers(default, target, auth_headers(endpoint, call.auth, keys), call.headers)
    return drop_headers(pairs, {name.lower() for name in call.without})


def merge_headers(*groups: Sequence[tuple[str, str]]) -> Pairs:
    """Merges groups of headers: all headers of a name come from the last group that has it."""
    pairs: Pairs = ()
    for group in groups:
        pairs = (*drop_headers(pairs, {name.lower() for name, _ in group}), *group)
    return pairs


def drop_headers(pairs: Pairs, names: Collection[str]) -> Pairs:
    """Returns the headers without those of the given names, which are in lower case."""
    return tuple(pair for pair in pairs if pair[0].lower() not in names)


def auth_headers(endpoint: Endpoint, auth: str, keys: Mapping[str, str]) -> Pairs:
    """Returns the headers that carry a key.

    These are the target's own credential headers and the named key in the target's style. `none`
    gives no headers, `wrong` an invalid key in place of each, and `limited` or the name of a style
    only the named key.
    """
    own = tuple(pair for pair in endpoint.headers if pair[0].lower() in CREDENTIALS)
    key = keys.get(auth) or keys.get("key", "")  # no key has the name of a style
    if auth == "none":
        return ()
    if auth == "wrong":
        own = tuple((name, replace_key(value, WRONG_KEY)) for name, value in own)
        key = WRONG_KEY if key or not own else ""
    bearer, api_key = ("authorization", f"Bearer {key}"), ("x-api-key", key)
    styles = {"bearer": (bearer,), "x-api-key": (api_key,), "both": (bearer, api_key)}
    named = styles[auth if auth in styles else endpoint.auth] if key else ()
    if named and (auth == "limited" or auth in styles):
        return named
    return (*own, *drop_headers(named, {name.lower() for name, _ in own}))


def replace_key(value: str, key: str) -> str:
    """Replaces the key in a header value and keeps the scheme before it."""
    scheme, space, _ = value.partition(" ")
    return f"{scheme}{space}{key}" if space else key
