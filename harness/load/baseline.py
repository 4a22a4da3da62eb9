"""A baseline's file, YAML or JSON -> Accepted .... Reads only."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from harness.load import files
from harness.load.files import File
from harness.model import Accepted
from harness.util.errors import FileProblems


def load_baseline(path: str) -> tuple[Accepted, ...]:
    """Raises FileProblems with every mistake."""
    file = files.read(Path(path))
    if file.problems or not files.check(file, "baseline"):
        raise FileProblems(file.problems)
    entries = [
        Accepted(**given, place=file.at(f"/deviations/{index}"))
        for index, given in enumerate(file.data["deviations"])
    ]
    amiss(file, entries)
    if file.problems:
        raise FileProblems(file.problems)
    return tuple(entries)


def amiss(file: File, entries: list[Accepted]) -> None:
    seen: dict[tuple[str, str], Accepted] = {}
    for index, entry in enumerate(entries):
        first = seen.setdefault((entry.case, entry.rule), entry)
        if first is not entry:
            file.wrong(f"/deviations/{index}", f"{entry.name} stands at {first.place} already")
        try:
            date.fromisoformat(entry.until or "2000-01-01")
        except ValueError:
            file.wrong(f"/deviations/{index}/until", f"there is no day `{entry.until}`")
