"""Reads one YAML file into data with the place of every value, and collects its problems."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from harness.load.old_keys import rename_keys
from harness.model import Json, Place
from harness.util import file_access, json_schema, strict_yaml
from harness.util.printable import printable_name

Problems = list[tuple[Place, str]]


@dataclass(slots=True)
class File:
    """A file that was read. `places` maps JSON Pointers to the places of values."""

    path: Path
    data: Json = None
    places: Mapping[str, Place] = field(default_factory=dict)
    problems: Problems = field(default_factory=list)

    def place_of(self, pointer: str) -> Place:
        """Return the place of a value, or of its nearest parent that has one."""
        while pointer and pointer not in self.places:
            pointer = pointer.rpartition("/")[0]
        return self.places.get(pointer) or Place(display_path(self.path), 1)

    def add_problem(self, pointer: str, message: str) -> None:
        """Add a problem with the value at `pointer`."""
        self.problems.append((self.place_of(pointer), message))


def display_path(path: Path) -> str:
    """Return the path relative to the working directory, if it lies below it."""
    try:
        whole = os.path.join(os.path.realpath(path.parent), path.name)
        return printable_name(whole.removeprefix(os.path.join(Path.cwd(), "")))
    except (OSError, ValueError):
        return printable_name(str(path))


def read(path: Path, inside: Path | None = None) -> File:
    """Read a YAML file. A file that cannot be read has one problem, at its first line.

    Args:
        inside: The folder of the pack that it is a part of, which links must not leave.
    """
    try:
        text = file_access.read_text(path, file_access.MAX_YAML, inside)
    except OSError as error:
        message = f"cannot read: {error.strerror}"
        return File(path, problems=[(Place(display_path(path), 1), message)])
    data, places, problems = strict_yaml.read(text, display_path(path))
    return File(path, data, places, list(problems))


def validate(file: File, schema: str, pointer: str = "", data: Json = None) -> bool:
    """Validate the data at `pointer`, add every problem to the file; return whether it is valid."""
    data = file.data if data is None else data
    renamed = list(rename_keys(schema, data))
    errors = json_schema.errors(schema, data)
    for at, message in (*renamed, *errors):
        file.add_problem(pointer + at, message)
    return not renamed and not errors
