"""Front, Call, keys -> the URL, the headers and the body that are sent. Sends nothing."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Final

from harness.fire.redaction.secrets import CREDENTIALS
from harness.model import Call, Endpoint, Pairs

WRONG_KEY: Final = "sk-wrong-0000000000000000"
AGENT: Final = "llm-gateway-conformance"
NONCE: Final = "x-conformance-nonce"  # a verifier's word for one run
STYLES: Final = ("bearer", "x-api-key", "both")


def build_url(base_url: str, path: str) -> str:
    """The call's path below the base URL, whose query (`?api-version=1`) stays at the end."""
    base, _, query = base_url.partition("?")
    mark = "&" if "?" in path else "?"
    return base.rstrip("/") + path + (mark + query if query else "")


def encode_body(call: Call) -> bytes | None:
    """Raw text as it is; JSON with half a surrogate pair as its escape, which is JSON again."""
    if call.raw is not None:
        return call.raw.encode("utf-8", "surrogatepass")
    if call.body is None:
        return None
    return json.dumps(call.body, ensure_ascii=False).encode("utf-8", "backslashreplace")


def build_headers(endpoint: Endpoint, call: Call, keys: Mapping[str, str]) -> Pairs:
    """Ours, the caller's, the key, the case's own; what comes later stands for what came before."""
    ours = [("accept", "application/json"), ("accept-encoding", "identity"), ("user-agent", AGENT)]
    if call.raw is not None or call.body is not None:
        ours.append(("content-type", "application/json"))
    plain = [pair for pair in endpoint.headers if pair[0].lower() not in CREDENTIALS]
    pairs = laid_over(ours, plain, authorization(endpoint, call.auth, keys), call.headers)
    left_out = {name.lower() for name in call.without}
    return tuple(pair for pair in pairs if pair[0].lower() not in left_out)


def laid_over(*layers: Sequence[tuple[str, str]]) -> Pairs:
    """One layer may name a header several times; it then stands for all of those below."""
    pairs: list[tuple[str, str]] = []
    for layer in layers:
        named = {name.lower() for name, _ in layer}
        pairs = [pair for pair in pairs if pair[0].lower() not in named] + list(layer)
    return tuple(pairs)


def authorization(endpoint: Endpoint, auth: str, keys: Mapping[str, str]) -> Pairs:
    """The headers that carry the key: those that the caller gave, and the named key in its own.

    None at all for `none`, and a wrong key in the place of each for `wrong`.
    """
    given = tuple(pair for pair in endpoint.headers if pair[0].lower() in CREDENTIALS)
    named = keys.get(auth) or keys.get("key", "")  # no key is called like a style
    if auth == "none":
        return ()
    if auth == "wrong":
        given = tuple((name, with_key(value, WRONG_KEY)) for name, value in given)
        named = WRONG_KEY if named or not given else ""
    own = with_named(auth if auth in STYLES else endpoint.auth, named)
    if auth in ("limited", *STYLES) and own:  # another key than the caller's usual, or elsewhere
        return own
    there = {name.lower() for name, _ in given}
    return (*given, *(pair for pair in own if pair[0] not in there))


def with_named(style: str, key: str) -> Pairs:
    bearer, named = ("authorization", f"Bearer {key}"), ("x-api-key", key)
    if not key:
        return ()
    if style == "both":
        return (bearer, named)
    return (named,) if style == "x-api-key" else (bearer,)


def with_key(value: str, key: str) -> str:
    scheme, space, _ = value.partition(" ")
    return f"{scheme}{space}{key}" if space else key
