"""A name, a file or a URL -> Target. Reads only; a key is only ever named."""

from __future__ import annotations

import difflib
from pathlib import Path
from urllib.parse import urlsplit

from harness import where
from harness.errors import FileProblems, UsageError
from harness.load import files
from harness.model import Front, Target

DEFAULT_PACK = "openai-chat"


def load_target(name: str) -> Target:
    """`builtin` or another that ships, a YAML file, or a base URL (packs: openai-chat)."""
    if "://" in name:
        return of_url(name)
    shipped = where.targets_dir() / f"{name}.yaml"
    path = shipped if shipped.is_file() else Path(name)
    if not path.is_file():
        known = sorted(p.stem for p in where.targets_dir().glob("*.yaml"))
        near = difflib.get_close_matches(name, known, 1)
        hint = f"did you mean {near[0]}?" if near else "a base URL starts with http:// or https://"
        raise UsageError(
            f"no target `{name}`: there are {', '.join(known)}, or name a file; {hint}"
        )
    return of_file(path)


def of_url(url: str) -> Target:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise UsageError(f"`{url}` is not a base URL; write http://HOST:PORT/v1 or https://...")
    front = Front("openai", url.rstrip("/"))
    return Target(
        name=parts.netloc.rpartition("@")[2], fronts={"openai": front}, packs=(DEFAULT_PACK,)
    )


def of_file(path: Path) -> Target:
    file = files.read(path)
    if file.problems or not files.check(file, "target"):
        raise FileProblems(file.problems)
    data = file.data
    fronts = {
        protocol: Front(
            protocol=protocol,
            base_url=front.get("base_url", "").rstrip("/"),
            auth=front.get("auth", "bearer"),
            model=front["model"],
            headers=tuple((name, value) for name, value in front.get("headers", {}).items()),
        )
        for protocol, front in data["fronts"].items()
    }
    limits = data.get("limits", {})
    return Target(
        name=data["name"],
        fronts=fronts,
        packs=tuple(data["packs"]),
        key_env=data.get("key_env", ""),
        limited_key_env=data.get("limited_key_env", ""),
        builtin=data.get("builtin", False),
        lacks=tuple(data.get("lacks", ())),
        features=tuple(data.get("features", ())),
        rpm=limits.get("rpm", 0.0),
        concurrency=limits.get("concurrency", 32),
    )
