"""Reads and writes smoke.json: the few cases of a pack that kill the most mutants."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from harness.model import Pack, Place
from harness.util import file_access
from harness.util.errors import UsageError
from harness.util.printable import printable_name
from harness.util.serialization import from_json, to_json

SMOKE_FILE: Final = "smoke.json"
ABOUT: Final = "Written by `harness smoke` from the kill matrix: `harness run --smoke` sends these."


@dataclass(frozen=True, slots=True, kw_only=True)
class Smoke:
    """The smoke cases of a pack: `mutants` is how many mutants its own cases kill.

    `catches` is how many the smoke cases kill, together with those of the packs it extends.
    """

    about: str = ABOUT
    catches: int
    mutants: int
    cases: tuple[str, ...]


def smoke_text(smoke: Smoke) -> str:
    """Return the text of a smoke.json."""
    return json.dumps(to_json(smoke), indent=2, ensure_ascii=False) + "\n"


def smoke_path(pack: Pack) -> Path:
    """Return the path of the pack's smoke.json."""
    return Path(pack.folder) / SMOKE_FILE


def load_smoke(pack: Pack) -> Smoke:
    """Return the smoke cases of a pack. Raises UsageError without a smoke.json that fits it."""
    path = smoke_path(pack)
    if not path.is_file():
        raise UsageError(
            f"the pack {pack.id} has no {SMOKE_FILE}: leave out --smoke or the pack, or choose its "
            "cases with `harness smoke`"
        )
    for _, message in smoke_problems(pack):
        raise UsageError(f"{path}: {message}")
    return _read(path)


def smoke_problems(pack: Pack) -> Iterator[tuple[Place, str]]:
    """Yield the problems of a pack's smoke.json; none if there is no such file."""
    path = smoke_path(pack)
    if not path.is_file():
        return
    place = Place(printable_name(path), 1)
    try:
        cases = _read(path).cases
    except (OSError, ValueError, RecursionError):
        yield place, "not a file that `harness smoke` wrote; run `harness smoke` again"
        return
    ids = {case.id for case in pack.cases}
    for case in cases:
        if case not in ids:
            yield place, f"{pack.id} has no case `{case}`; run `harness smoke` again"


def _read(path: Path) -> Smoke:
    text = file_access.read_text(path, file_access.MAX_YAML, path.parent)
    smoke = from_json(Smoke, json.loads(text))
    if not smoke.cases or min(smoke.catches, smoke.mutants) < 0:
        raise ValueError("no cases, or a negative number")
    return smoke
