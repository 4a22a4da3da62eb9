"""Upgrade of a transcript's header from format 1, which used other names for some fields.

Fields of the dataclasses in `harness.model` are keys of the header, so that a renamed field needs
an entry in RENAMED here; stored transcripts stay readable then.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from harness.model import Json

# Where the objects stand (`*` is every item) -> old name -> new name.
RENAMED: Final[Mapping[tuple[str, ...], Mapping[str, str]]] = {
    ("target",): {"fronts": "endpoints", "claims": "deviations"},
    ("packs", "*"): {"other": "other_protocols"},
    ("plans", "*"): {"demands": "assertions"},
    ("packs", "*", "rows", "*"): {"status": "documented_as"},
}


def upgrade_header(header: Mapping[str, Json]) -> dict[str, Json]:
    """Return a header of format 1 with today's names."""
    return dict(_renamed(header, ()))


def _renamed(data: Json, path: tuple[str, ...]) -> Json:
    if isinstance(data, list):
        return [_renamed(item, (*path, "*")) for item in data]
    if not isinstance(data, dict) or not any(at[: len(path)] == path for at in RENAMED):
        return data
    names = RENAMED.get(path, {})
    return {names.get(key, key): _renamed(value, (*path, key)) for key, value in data.items()}
