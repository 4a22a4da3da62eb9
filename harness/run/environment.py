"""The variables of the official SDKs: base URL and API key of a target that names none itself."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

from harness.fire.redaction.secrets import CREDENTIALS
from harness.load.targets import BUILTIN, url_problem
from harness.model import Pack, Target
from harness.model.options import Options
from harness.util.errors import UsageError

BASE_URLS: Final = {"openai": "OPENAI_BASE_URL", "anthropic": "ANTHROPIC_BASE_URL"}
KEYS: Final = {
    "openai": ("OPENAI_API_KEY",),
    "anthropic": ("ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN"),
    "responses": ("OPENAI_API_KEY",),
    "embeddings": ("OPENAI_API_KEY",),
}
# The SDK sends its value as a bearer token, and not in `x-api-key`.
BEARER: Final = "ANTHROPIC_AUTH_TOKEN"
DEFAULT_PACKS: Final = {"openai": (), "anthropic": ("anthropic-messages",)}


def default_target(model: str, packs: Sequence[str]) -> tuple[str, tuple[str, ...]]:
    """Return (target, packs) of a run whose command names no target.

    With a model this is the base URL of a variable, if one is set; otherwise the reference gateway,
    so that a run without options needs nothing and costs nothing.

    Raises:
        UsageError: The variable has no base URL.
    """
    protocols = [*BASE_URLS]
    if any("anthropic" in pack for pack in packs):
        protocols.reverse()
    for protocol in protocols if model else ():
        if url := os.environ.get(BASE_URLS[protocol], "").strip():
            if problem := url_problem(url):
                raise UsageError(f"{BASE_URLS[protocol]}: {problem}")
            return url, tuple(packs) or DEFAULT_PACKS[protocol]
    return BUILTIN, tuple(packs)


def ignored_base_url(options: Options) -> str:
    """Return a sentence about a variable with a base URL that a run does not use, or ""."""
    name = next((name for name in BASE_URLS.values() if os.environ.get(name)), "")
    is_default = options.target == BUILTIN and not (options.base_url or options.model)
    return (
        f"{name} is set: `harness run --model NAME` tests what is there"
        if name and is_default
        else ""
    )


def with_key_variable(target: Target, packs: Iterable[Pack], options: Options) -> Target:
    """Return a target at a URL with the variable of its key, if nothing else names a key.

    Target files name the variable themselves, or the target needs no key.
    """
    is_url = "://" in options.target or options.base_url
    has_key = options.api_key_env or any(name.lower() in CREDENTIALS for name, _ in options.headers)
    if not is_url or has_key or target.key_env:
        return target
    protocols = dict.fromkeys(protocol for pack in packs for protocol in pack.protocols)
    names = [name for protocol in protocols for name in KEYS.get(protocol, ())]
    name = next((name for name in names if os.environ.get(name, "").strip()), "")
    endpoints = dict(target.endpoints)
    if name == BEARER:
        endpoints["anthropic"] = replace(endpoints["anthropic"], auth="bearer")
    return replace(target, key_env=name, endpoints=endpoints)
