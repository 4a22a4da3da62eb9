"""A name, a file or a URL -> Target. Reads only; a key is only ever named."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

from harness.load import files
from harness.load.claims import claims_of
from harness.model import Endpoint, Json, Target, Tier
from harness.model.protocol import PROTOCOLS
from harness.util import paths
from harness.util.errors import FileProblems, UsageError

DEFAULT_PACK = "openai-chat"


def load_target(name: str) -> Target:
    """`builtin` or another that ships, a YAML file, or a base URL (packs: openai-chat)."""
    if "://" in name:
        return of_url(name)
    shipped = paths.targets_dir() / f"{name}.yaml"
    path = shipped if shipped.is_file() else Path(name)
    if not path.is_file():
        known = sorted(p.stem for p in paths.targets_dir().glob("*.yaml"))
        near = difflib.get_close_matches(name, known, 1)
        hint = f"did you mean {near[0]}?" if near else "a base URL starts with http:// or https://"
        there = f"there are {', '.join(known)}, or name a file"
        raise UsageError(f"no target `{name}`: {there}; {hint}")
    return of_file(path)


def of_url(url: str) -> Target:
    """Raises UsageError for what is no base URL, and for one that carries a password."""
    trouble = amiss(url)
    if trouble:
        raise UsageError(trouble)
    base = url.rstrip("/")
    endpoints = {
        name: Endpoint(name, protocol.base_url(base), protocol.auth)
        for name, protocol in PROTOCOLS.items()
    }
    return Target(name=urlsplit(url).netloc, endpoints=endpoints, packs=(DEFAULT_PACK,))


def amiss(url: str) -> str:
    """What is wrong with a base URL; a password in it is never repeated."""
    try:
        parts = urlsplit(url)
        whole = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        return f"`{url.rpartition('@')[2]}` is not a URL"
    if parts.username is not None:
        host = parts.netloc.rpartition("@")[2]
        return (
            f"the URL of {host} must not contain a user or password: "
            "name a variable that holds the key"
        )
    if not whole or parts.query or parts.fragment:
        return f"`{url}` is not a base URL; write http://HOST:PORT/v1 or https://..."
    return ""


def of_file(path: Path) -> Target:
    file = files.read(path)
    if file.problems or not files.check(file, "target"):
        raise FileProblems(file.problems)
    data = file.data
    for protocol, given in data["endpoints"].items():
        trouble = amiss(given["base_url"]) if "base_url" in given else ""
        if not trouble and "base_url" not in given and not data.get("builtin"):
            trouble = "say with `base_url` where it is"
        if trouble:
            file.wrong(f"/endpoints/{protocol}/base_url", trouble)
    limits, tiers = data.get("limits", {}), data.get("tiers", {})
    if "tier" in limits and limits["tier"] not in tiers:
        file.wrong("/limits/tier", no_tier(limits["tier"], tiers))
    if file.problems:
        raise FileProblems(file.problems)
    return replace(target(data, limits, tiers), deviations=tuple(claims_of(file)))


def target(data: Json, limits: Json, tiers: Json) -> Target:
    own = {name: number for name, number in limits.items() if name != "tier"}
    allowed = Tier(**{**tiers.get(limits.get("tier"), {}), **own})
    return Target(
        name=data["name"],
        endpoints={
            protocol: endpoint(protocol, given) for protocol, given in data["endpoints"].items()
        },
        packs=tuple(data["packs"]),
        key_env=data.get("key_env", ""),
        limited_key_env=data.get("limited_key_env", ""),
        builtin=data.get("builtin", False),
        lacks=tuple(data.get("lacks", ())),
        features=tuple(data.get("features", ())),
        rpm=allowed.rpm,
        tpm=allowed.tpm,
        concurrency=allowed.concurrency,
        tiers={name: Tier(**given) for name, given in tiers.items()},
    )


def no_tier(name: str, tiers: Iterable[str]) -> str:
    known = ", ".join(tiers)
    return f"no tier `{name}`" + (f"; there are {known}" if known else "; its file names none")


def endpoint(protocol: str, given: Json) -> Endpoint:
    return Endpoint(
        protocol=protocol,
        base_url=given.get("base_url", "").rstrip("/"),
        auth=given.get("auth", PROTOCOLS[protocol].auth),
        model=given["model"],
        headers=tuple(given.get("headers", {}).items()),
    )
