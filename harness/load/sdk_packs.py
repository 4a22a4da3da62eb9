"""Adds the packs that use the official SDKs to the packs of a run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from harness.load import files
from harness.load.pack_folders import pack_folder
from harness.util import paths


def with_sdk_packs(names: Iterable[str]) -> tuple[str, ...]:
    """Return the packs, followed by the SDK packs of the protocols that they use.

    Raises:
        UsageError: If one of the packs does not exist.
    """
    packs = tuple(names)
    sdk_packs = (f"sdk-{protocol}" for name in packs for protocol in protocols_in(name))
    return tuple(dict.fromkeys((*packs, *sdk_packs)))


def protocols_in(name: str) -> Iterator[str]:
    """Yield the protocols of a pack, its own first. Mistakes in it are left to `load_packs`."""
    data = files.read(pack_folder(name) / paths.PACK_FILE).data
    if isinstance(data, dict):
        if isinstance(protocol := data.get("protocol"), str):
            yield protocol
        if isinstance(others := data.get("other_protocols"), dict):
            yield from others
