"""Loads declared deviations: a target's claims, and the accepted ones of a baseline file."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

from harness.load import files
from harness.load.files import File
from harness.model import Accepted, Claim, Target
from harness.model.renamed_rules import current_rule
from harness.util import json_pointer
from harness.util.errors import FileProblems


def with_claims(target: Target, path: str) -> Target:
    """Return the target with the claims of a file, which replace its own. Raises FileProblems."""
    file = files.read(Path(path))
    if file.problems or not files.validate(file, "claims"):
        raise FileProblems(file.problems)
    claims = {claim.row: claim for claim in (*target.deviations, *claims_in(file))}
    lacks = dict.fromkeys((*target.lacks, *file.data.get("lacks", ())))
    return replace(target, lacks=tuple(lacks), deviations=tuple(claims.values()))


def claims_in(file: File) -> tuple[Claim, ...]:
    """Return the claims under `deviations` of a validated target or claims file."""
    return tuple(
        Claim(
            row=row,
            behaviour=entry["behaviour"],
            because=entry["why"],
            place=file.place_of(json_pointer.join(("deviations", row))),
            spec={key: entry[key] for key in entry if key not in ("behaviour", "why")},
        )
        for row, entry in file.data.get("deviations", {}).items()
    )


def load_baseline(path: str) -> tuple[Accepted, ...]:
    """Return the entries of a baseline file (YAML or JSON). Raises FileProblems."""
    file = files.read(Path(path))
    entries = baseline_entries(file)
    if file.problems:
        raise FileProblems(file.problems)
    return entries


def baseline_entries(file: File) -> tuple[Accepted, ...]:
    """Return the entries of a baseline file that was read; mistakes are added to the file."""
    if file.problems or not files.validate(file, "baseline"):
        return ()
    entries: dict[tuple[str, str], Accepted] = {}
    for index, item in enumerate(file.data["deviations"]):
        at = f"/deviations/{index}"
        item = {**item, "rule": current_rule(item.get("rule", ""))}
        entry = Accepted(**item, place=file.place_of(at))
        first = entries.setdefault((entry.case, entry.rule), entry)
        if first is not entry:
            file.add_problem(at, f"duplicate of {entry.name} at {first.place}")
        try:
            date.fromisoformat(entry.until or "2000-01-01")
        except ValueError:
            file.add_problem(f"{at}/until", f"`{entry.until}` is not a date")
    return tuple(entries.values())
