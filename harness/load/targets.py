"""Loads a target: one that ships, a file, or a base URL. Files name keys and never hold them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from harness.load import files
from harness.load.deviations import claims_in
from harness.load.files import File
from harness.model import Endpoint, Json, Target, Tier
from harness.model.protocol import PROTOCOLS
from harness.util import paths
from harness.util.errors import FileProblems, UsageError
from harness.util.key_shapes import without_keys, without_values
from harness.util.suggestion import suggestion

# A host with a port, or with a dot and a path; `packs/my.yaml` and `my.target` are files.
HOST: Final = re.compile(r"[A-Za-z0-9.-]{1,253}(:\d{1,5}(/|$)|(?<=[A-Za-z0-9])/(v\d|api|openai)\b)")
BUILTIN: Final = "builtin"  # the `base_url` of the reference gateway, until it has an address


def load_target(name: str) -> Target:
    """Return a target that ships (such as `builtin`), of a YAML file, or at a base URL.

    Raises:
        UsageError: If there is no such target, or the URL is not a base URL.
        FileProblems: With every mistake in the file.
    """
    if "://" in name:
        return target_of_url(name)
    shipped = paths.targets_dir() / f"{name}.yaml"
    path = shipped if shipped.is_file() else Path(name)
    if not path.is_file():
        if url := url_without_scheme(name):
            raise UsageError(f"no target `{name}`; a base URL needs its scheme: {url}")
        names = sorted(p.stem for p in paths.targets_dir().glob("*.yaml"))
        hint = f"{suggestion(name, names)} there are {', '.join(names)}".lstrip()
        raise UsageError(
            f"no target `{name}`; {hint}, or give the path of a target "
            "file, or a base URL that starts with http:// or https://"
        )
    file = files.read(path)
    target = target_in_file(file)
    if target is None or file.problems:
        raise FileProblems(file.problems)
    return target


def target_of_url(url: str) -> Target:
    """Return a target at a base URL. Raises UsageError."""
    if problem := url_problem(url):
        raise UsageError(problem)
    path, mark, query = url.partition("?")
    base = f"{path.rstrip('/')}{mark}{query}"
    endpoints = {
        name: Endpoint(name, protocol.base_url(base), protocol.auth)
        for name, protocol in PROTOCOLS.items()
    }
    return Target(name=urlsplit(url).netloc, endpoints=endpoints, packs=("openai-chat",))


def url_without_scheme(name: str) -> str:
    """Return the URL that a name can be meant as, with its likeliest scheme; "" for other names."""
    if not HOST.match(name) or name.endswith((".yaml", ".yml")):
        return ""
    host, _, rest = name.partition("/")[0].partition(":")
    is_local = rest or host == "localhost" or host.replace(".", "").isdecimal()
    return f"{'http' if is_local else 'https'}://{name}"


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
    if is_http and without_keys(url) != url:
        return f"the URL of {parts.netloc} must not contain a key: name a variable that holds it"
    if not is_http or parts.fragment:
        return f"`{url}` is not a base URL; write http://HOST:PORT/v1 or https://..."
    return ""


def target_in_file(file: File) -> Target | None:
    """Return the target of a file that was read; mistakes are added to the file."""
    if file.problems or not files.validate(file, "target"):
        # A key in the place of another value must not be repeated.
        file.problems = [(place, without_values(message)) for place, message in file.problems]
        return None
    data = file.data
    key_env = data.get("key_env", "")
    key, limited_key = (key_env, "") if isinstance(key_env, str) else key_env
    tiers = {tier: Tier(**entry) for tier, entry in data.get("tiers", {}).items()}
    limits = dict(data.get("limits", {}))
    tier = limits.pop("tier", None)
    if tier is not None and tier not in tiers:
        file.add_problem("/limits/tier", unknown_tier(tier, tiers))
        return None
    return Target(
        name=data["name"],
        endpoints={name: build_endpoint(name, entry) for name, entry in data["endpoints"].items()},
        packs=tuple(data["packs"]),
        key_env=key,
        limited_key_env=limited_key,
        builtin=is_builtin(file),
        lacks=tuple(data.get("lacks", ())),
        features=tuple(data.get("features", ())),
        tiers=tiers,
        deviations=claims_in(file),
        **asdict(replace(tiers.get(tier, Tier()), **limits)),
    )


def is_builtin(file: File) -> bool:
    """Whether all endpoints are the reference gateway; invalid base URLs are added to the file."""
    urls = {name: endpoint.get("base_url") for name, endpoint in file.data["endpoints"].items()}
    if {*urls.values()} == {BUILTIN}:
        return True
    for protocol, url in urls.items():
        problem = "the key `base_url` is missing" if url is None else url_problem(url)
        if problem:
            file.add_problem(f"/endpoints/{protocol}/base_url", problem)
    return False


def unknown_tier(name: str, tiers: Iterable[str]) -> str:
    """Return the message for an unknown tier."""
    names = ", ".join(tiers)
    return f"no tier `{name}`; " + (f"the tiers are {names}" if names else "the file has no tiers")


def build_endpoint(protocol: str, entry: Json) -> Endpoint:
    url = entry.get("base_url", BUILTIN)
    return Endpoint(
        protocol=protocol,
        base_url="" if url == BUILTIN else url.rstrip("/"),
        auth=entry.get("auth", PROTOCOLS[protocol].auth),
        model=entry["model"],
        headers=tuple(entry.get("headers", {}).items()),
    )
