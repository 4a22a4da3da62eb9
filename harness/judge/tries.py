"""Ids of further tries: a script that is sent again because its answer lacks the right words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from harness.model import Script
from harness.model.exchanges import AGAIN
from harness.plan.repetitions import rename_script

MAX_TRIES: Final = 3
MARK: Final = "/try"


def try_id(script: str, number: int) -> str:
    """Return the id of a further try of a script; the first one is the script itself."""
    return f"{script}{MARK}{number}"


def further_tries(scripts: Sequence[Script], shot: str) -> Iterator[str]:
    """Yield the shots that are further tries of a shot, and are planned."""
    ids = {each.id for script in scripts for each in script.shots}
    script = next((s for s in scripts if any(each.id == shot for each in s.shots)), None)
    if script is not None:
        for number in range(2, MAX_TRIES + 1):
            name = try_id(script.id, number) + shot.removeprefix(script.id)
            if name in ids:
                yield name


def again(script: Script, number: int) -> Script:
    """Return the script for its further try."""
    renamed = rename_script(script, lambda name: try_id(name, number))
    return replace(renamed, shots=tuple(replace(shot, tag=AGAIN) for shot in renamed.shots))
