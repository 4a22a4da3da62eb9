"""Loads rows.yaml: the lines of a document's field tables."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from harness.load import files
from harness.load.files import Problems
from harness.model import Row
from harness.util import paths


def load_rows(folder: Path, problems: Problems) -> tuple[Row, ...]:
    """Return the rows of a pack's folder; none if it has no rows.yaml. Adds to `problems`."""
    if not (folder / paths.ROWS_FILE).is_file():
        return ()
    file = files.read(folder / paths.ROWS_FILE)
    is_valid = not file.problems and files.validate(file, "rows")
    items = file.data["rows"] if is_valid else []
    ids: set[str] = set()
    for index, item in enumerate(items):
        if item["id"] in ids:
            file.add_problem(f"/rows/{index}/id", f"duplicate row id `{item['id']}`")
        ids.add(item["id"])
    problems += file.problems
    return tuple(build_row(item) for item in items)


def build_row(item: dict[str, Any]) -> Row:
    source = item.get("source", ())
    return Row(
        id=item["id"],
        path=item["path"],
        location=item["location"],
        declared=item["declared"],
        documented_as=item.get("documented_as", ""),
        source=(source,) if isinstance(source, str) else tuple(source),
        note=item.get("note", ""),
        not_testable=item.get("not_testable", ""),
    )
