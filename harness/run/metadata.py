"""Version and target of a run, for its report and its transcript."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from harness.model import Pack, Target


def own_version() -> str:
    """Return the version of the installed distribution, or 0 without one."""
    try:
        return version("llm-gateway-conformance")
    except PackageNotFoundError:
        return "0"


def target_facts(
    target: Target, packs: Iterable[Pack], redact: Callable[[str], str]
) -> dict[str, Any]:
    """Return the endpoints of the target that the packs use."""
    spoken = {protocol for pack in packs for protocol in pack.protocols}
    endpoints = [
        {"protocol": name, "base_url": redact(endpoint.base_url), "model": endpoint.model}
        for name, endpoint in target.endpoints.items()
        if name in spoken
    ]
    first = {key: endpoints[0][key] for key in ("base_url", "model")}
    return {"name": target.name, **first, "fronts": endpoints}
