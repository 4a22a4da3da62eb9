"""Front, Call, keys -> the URL, the headers and the body that are sent. Sends nothing."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Final

from harness.fire.secrets import CREDENTIALS
from harness.model import Call, Front, Pairs

WRONG_KEY: Final = "sk-wrong-0000000000000000"
AGENT: Final = "llm-gateway-conformance"


def url_of(base_url: str, path: str) -> str:
    """The call's path below the base URL, whose query (`?api-version=1`) stays at the end."""
    base, _, query = base_url.partition("?")
    mark = "&" if "?" in path else "?"
    return base.rstrip("/") + path + (mark + query if query else "")


def body_of(call: Call) -> bytes | None:
    """Raw text as it is; JSON with half a surrogate pair as its escape, which is JSON again."""
    if call.raw is not None:
        return call.raw.encode("utf-8", "surrogatepass")
    if call.body is None:
        return None
    return json.dumps(call.body, ensure_ascii=False).encode("utf-8", "backslashreplace")


def headers_of(front: Front, call: Call, keys: Mapping[str, str]) -> Pairs:
    """Ours, the caller's, the key, the case's own; what comes later stands for what came before."""
    ours = [("accept", "application/json"), ("accept-encoding", "identity"), ("user-agent", AGENT)]
    if call.raw is not None or call.body is not None:
        ours.append(("content-type", "application/json"))
    plain = [pair for pair in front.headers if pair[0].lower() not in CREDENTIALS]
    return laid_over(ours, plain, authorization(front, call.auth, keys), call.headers)


def laid_over(*layers: Sequence[tuple[str, str]]) -> Pairs:
    """One layer may name a header several times; it then stands for all of those below."""
    pairs: list[tuple[str, str]] = []
    for layer in layers:
        named = {name.lower() for name, _ in layer}
        pairs = [pair for pair in pairs if pair[0].lower() not in named] + list(layer)
    return tuple(pairs)


def authorization(front: Front, auth: str, keys: Mapping[str, str]) -> Pairs:
    """The headers that carry the key: what the caller gave as a header, else the named key.

    Empty for `none`, or where there is no key; with a wrong key in their place for `wrong`.
    """
    given = tuple(pair for pair in front.headers if pair[0].lower() in CREDENTIALS)
    if auth == "none":
        return ()
    if auth == "key" and given:
        return given
    if auth == "wrong" and given:
        return tuple((name, with_key(value, WRONG_KEY)) for name, value in given)
    key = WRONG_KEY if auth == "wrong" else keys.get(auth) or keys.get("key")
    if not key:
        return given
    if front.auth == "x-api-key":
        return (("x-api-key", key),)
    return (("authorization", f"Bearer {key}"),)


def with_key(value: str, key: str) -> str:
    scheme, space, _ = value.partition(" ")
    return f"{scheme}{space}{key}" if space else key
