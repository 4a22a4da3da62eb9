"""Loads a target: one that ships, a file, or a base URL. Files name keys and never hold them."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

from harness.load import files
from harness.load.claims import claims_in
from harness.load.files import File
from harness.model import Endpoint, Json, Target, Tier
from harness.model.protocol import PROTOCOLS
from harness.util import paths
from harness.util.errors import FileProblems, UsageError

DEFAULT_PACK = "openai-chat"


def load_target(name: str) -> Target:
    """Return the target with a name, in a file or at a base URL.

    Args:
        name: A target that ships (such as `builtin`), the path of a YAML file, or a base URL,
            which is tested with the pack openai-chat.

    Raises:
        UsageError: If there is no such target, or the URL is not a base URL.
        FileProblems: With every mistake in the file.
    """
    if "://" in name:
        return target_of_url(name)
    shipped = paths.targets_dir() / f"{name}.yaml"
    path = shipped if shipped.is_file() else Path(name)
    if not path.is_file():
        names = sorted(p.stem for p in paths.targets_dir().glob("*.yaml"))
        similar = difflib.get_close_matches(name, names, 1)
        hint = f"did you mean `{similar[0]}`? " if similar else ""
        raise UsageError(
            f"no target `{name}`; {hint}there are {', '.join(names)}, or give the path of a target "
            "file, or a base URL that starts with http:// or https://"
        )
    file = files.read(path)
    target = target_in_file(file)
    if target is None or file.problems:
        raise FileProblems(file.problems)
    return target


def target_of_url(url: str) -> Target:
    """Return a target at a base URL.

    Raises:
        UsageError: If it is not a base URL, or contains a password.
    """
    problem = url_problem(url)
    if problem:
        raise UsageError(problem)
    base = url.rstrip("/")
    endpoints = {
        name: Endpoint(name, protocol.base_url(base), protocol.auth)
        for name, protocol in PROTOCOLS.items()
    }
    return Target(name=urlsplit(url).netloc, endpoints=endpoints, packs=(DEFAULT_PACK,))


def url_problem(url: str) -> str:
    """Return what is wrong with a base URL, or nothing. The message never repeats a password."""
    try:
        parts = urlsplit(url)
        is_http = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        return f"`{url.rpartition('@')[2]}` is not a URL"
    if parts.username is not None:
        host = parts.netloc.rpartition("@")[2]
        return (
            f"the URL of {host} must not contain a user or password: "
            "name a variable that holds the key"
        )
    if not is_http or parts.query or parts.fragment:
        return f"`{url}` is not a base URL; write http://HOST:PORT/v1 or https://..."
    return ""


def target_in_file(file: File) -> Target | None:
    """Return the target of a file that was read; mistakes are added to the file."""
    if file.problems or not files.validate(file, "target"):
        return None
    data = file.data
    for protocol, endpoint in data["endpoints"].items():
        problem = ""
        if "base_url" in endpoint:
            problem = url_problem(endpoint["base_url"])
        elif not data.get("builtin"):
            problem = "the key `base_url` is missing"
        if problem:
            file.add_problem(f"/endpoints/{protocol}/base_url", problem)
    limits, tiers = data.get("limits", {}), data.get("tiers", {})
    if "tier" in limits and limits["tier"] not in tiers:
        file.add_problem("/limits/tier", unknown_tier(limits["tier"], tiers))
        return None
    return replace(build_target(data, limits, tiers), deviations=claims_in(file))


def build_target(data: Json, limits: Json, tiers: Json) -> Target:
    overrides = {name: number for name, number in limits.items() if name != "tier"}
    tier = Tier(**{**tiers.get(limits.get("tier"), {}), **overrides})
    return Target(
        name=data["name"],
        endpoints={name: build_endpoint(name, entry) for name, entry in data["endpoints"].items()},
        packs=tuple(data["packs"]),
        key_env=data.get("key_env", ""),
        limited_key_env=data.get("limited_key_env", ""),
        builtin=data.get("builtin", False),
        lacks=tuple(data.get("lacks", ())),
        features=tuple(data.get("features", ())),
        rpm=tier.rpm,
        tpm=tier.tpm,
        concurrency=tier.concurrency,
        tiers={name: Tier(**entry) for name, entry in tiers.items()},
    )


def unknown_tier(name: str, tiers: Iterable[str]) -> str:
    """Return the message for an unknown tier."""
    names = ", ".join(tiers)
    return f"no tier `{name}`; " + (f"the tiers are {names}" if names else "the file has no tiers")


def build_endpoint(protocol: str, entry: Json) -> Endpoint:
    return Endpoint(
        protocol=protocol,
        base_url=entry.get("base_url", "").rstrip("/"),
        auth=entry.get("auth", PROTOCOLS[protocol].auth),
        model=entry["model"],
        headers=tuple(entry.get("headers", {}).items()),
    )
