"""Packs -> the same, and those that ask through the SDKs of their protocols. Reads only."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from harness.load import files
from harness.load.packs import pack_folder


def with_clients(names: Iterable[str]) -> tuple[str, ...]:
    """What is wrong in a pack.yaml is told by who loads it."""
    wanted = tuple(names)
    sdks = (f"sdk-{protocol}" for name in wanted for protocol in spoken(name))
    return tuple(dict.fromkeys((*wanted, *sdks)))


def spoken(name: str) -> Iterator[str]:
    """The protocols of a pack, its own first."""
    data = files.read(pack_folder(name) / "pack.yaml").data
    for key in ("protocol", "other_protocols"):
        said = data.get(key) if isinstance(data, dict) else None
        yield from (said,) if isinstance(said, str) else said if isinstance(said, dict) else ()
