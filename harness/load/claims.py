"""Loads what a target claims about itself: missing features and deviating rows."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from harness.load import files
from harness.load.files import File
from harness.model import Claim, Target
from harness.util import json_pointer
from harness.util.errors import FileProblems

CLAIM_KEYS = ("behaviour", "because")  # the other keys are those of the behaviour


def with_claims(target: Target, path: str) -> Target:
    """Return the target with the claims of a file added.

    Where the file and the target have a claim on the same row, the file's claim is used.

    Raises:
        FileProblems: With every mistake in the file.
    """
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
            because=entry["because"],
            place=file.place_of(json_pointer.join(("deviations", row))),
            spec={key: value for key, value in entry.items() if key not in CLAIM_KEYS},
        )
        for row, entry in file.data.get("deviations", {}).items()
    )
