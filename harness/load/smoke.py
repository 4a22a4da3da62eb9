"""smoke.json <-> the few cases of a pack that catch the most. May not choose them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from harness.model import Pack, Place
from harness.util.errors import UsageError

NAME: Final = "smoke.json"
ABOUT: Final = "Written by `harness smoke` from the kill matrix: `harness run --smoke` fires these."


@dataclass(frozen=True, slots=True)
class Smoke:
    """Ids of cases; of the pack's own `mutants` so many are caught by them, and its parents'."""

    cases: tuple[str, ...]
    catches: int
    mutants: int


def text_of(smoke: Smoke) -> str:
    known = {"about": ABOUT, "catches": smoke.catches, "mutants": smoke.mutants}
    return json.dumps({**known, "cases": list(smoke.cases)}, indent=2, ensure_ascii=False) + "\n"


def path_of(pack: Pack) -> Path:
    return Path(pack.folder) / NAME


def smoke_of(pack: Pack) -> Smoke:
    """Raises UsageError where there is none, or where it is not of this pack."""
    path = path_of(pack)
    if not path.is_file():
        raise UsageError(
            f"the pack {pack.id} has no {NAME}: leave out --smoke or the pack, or choose its cases "
            f"with `harness smoke`"
        )
    wrong = [text for _, text in amiss(pack)]
    if wrong:
        raise UsageError(f"{path}: {wrong[0]}")
    data = json.loads(path.read_text(encoding="utf-8"))
    return Smoke(tuple(data["cases"]), data["catches"], data["mutants"])


def amiss(pack: Pack) -> Iterator[tuple[Place, str]]:
    """What is wrong in the file, if there is one."""
    path = path_of(pack)
    if not path.is_file():
        return
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        cases, counts = list(data["cases"]), (data["catches"], data["mutants"])
        right = cases and all(type(count) is int and count >= 0 for count in counts)
    except (OSError, ValueError, KeyError, TypeError):
        right, cases = False, []
    if not right:
        yield Place(str(path), 1), "is not what `harness smoke` writes: let it write the file anew"
    ids = {case.id for case in pack.cases}
    for case in cases:
        if case not in ids:
            told = f"no case `{case}` is in {pack.id}: `harness smoke` chooses anew"
            yield Place(str(path), 1), told
