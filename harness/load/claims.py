"""`lacks` and `deviations` of a target, in its own file or in one of claims. Reads only."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from harness.load import files
from harness.load.files import File
from harness.model import Claim, Target
from harness.util import json_pointer
from harness.util.errors import FileProblems

OWN = ("behaviour", "because")


def claims_of(file: File) -> Iterator[Claim]:
    for row, given in file.data.get("deviations", {}).items():
        yield Claim(
            row=row,
            behaviour=given["behaviour"],
            because=given["because"],
            place=file.at(json_pointer.join(["deviations", row])),
            spec={key: value for key, value in given.items() if key not in OWN},
        )


def with_claims(target: Target, path: str) -> Target:
    """What a file of claims says stands for what the target's own says of the same row."""
    file = files.read(Path(path))
    if file.problems or not files.check(file, "claims"):
        raise FileProblems(file.problems)
    claims = {claim.row: claim for claim in (*target.deviations, *claims_of(file))}
    lacks = dict.fromkeys((*target.lacks, *file.data.get("lacks", ())))
    return replace(target, lacks=tuple(lacks), deviations=tuple(claims.values()))
