"""One YAML file -> data with places, and every mistake in it. May not know what it is for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from harness.load.renamed_keys import renamed_keys
from harness.model import Json, Place
from harness.util import json_schema, strict_yaml

Problems = list[tuple[Place, str]]


@dataclass(slots=True)
class File:
    """What a file says, where it says it, and what is wrong with it."""

    path: Path
    data: Json = None
    places: Mapping[str, Place] = field(default_factory=dict)
    problems: Problems = field(default_factory=list)
    text: str = ""

    def at(self, pointer: str) -> Place:
        while pointer and pointer not in self.places:
            pointer = pointer.rpartition("/")[0]
        return self.places.get(pointer, Place(shown(self.path), 1))

    def wrong(self, pointer: str, text: str) -> None:
        self.problems.append((self.at(pointer), text))


def shown(path: Path) -> str:
    """The path as the caller would write it."""
    try:
        return str(path.resolve().relative_to(Path.cwd()))
    except ValueError:
        return str(path)


def read(path: Path) -> File:
    """A file that cannot be read at all is one problem at its first line."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        return File(path, problems=[(Place(shown(path), 1), f"cannot be read: {why}")])
    data, places, problems = strict_yaml.read(text, shown(path))
    return File(path, data, places, list(problems), text)


def check(file: File, schema: str, pointer: str = "", data: Json = None) -> bool:
    """Validate the data at `pointer`, add every problem to the file; return whether it is valid."""
    data = file.data if data is None else data
    renamed = list(renamed_keys(schema, data))
    errors = json_schema.errors(schema, data)
    for at, message in (*renamed, *errors):
        file.wrong(pointer + at, message)
    return not renamed and not errors
