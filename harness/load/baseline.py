"""Loads a baseline file (YAML or JSON): the deviations that are known and accepted."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from harness.load import files
from harness.load.files import File
from harness.model import Accepted
from harness.model.renamed_rules import current_rule
from harness.util.errors import FileProblems


def load_baseline(path: str) -> tuple[Accepted, ...]:
    """Return the entries of a baseline file.

    Raises:
        FileProblems: With every mistake in the file.
    """
    file = files.read(Path(path))
    entries = baseline_entries(file)
    if file.problems:
        raise FileProblems(file.problems)
    return entries


def baseline_entries(file: File) -> tuple[Accepted, ...]:
    """Return the entries of a baseline file that was read; mistakes are added to the file."""
    if file.problems or not files.validate(file, "baseline"):
        return ()
    entries = tuple(
        Accepted(
            **{**entry, "rule": current_rule(entry.get("rule", ""))},
            place=file.place_of(f"/deviations/{index}"),
        )
        for index, entry in enumerate(file.data["deviations"])
    )
    first_entries: dict[tuple[str, str], Accepted] = {}
    for index, entry in enumerate(entries):
        first = first_entries.setdefault((entry.case, entry.rule), entry)
        if first is not entry:
            file.add_problem(f"/deviations/{index}", f"duplicate of {entry.name} at {first.place}")
        if not _is_date(entry.until or "2000-01-01"):
            file.add_problem(f"/deviations/{index}/until", f"`{entry.until}` is not a date")
    return entries


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
