"""rows.yaml -> Rows, with what is wrong in it. May not read other files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from harness.load import files
from harness.load.files import Problems
from harness.model import Row


def rows_of(folder: Path, problems: Problems) -> tuple[Row, ...]:
    """A pack without a rows.yaml has no rows of its own."""
    if not (folder / "rows.yaml").is_file():
        return ()
    file = files.read(folder / "rows.yaml")
    right = not file.problems and files.check(file, "rows")
    items = file.data["rows"] if right else []
    seen: set[str] = set()
    for index, item in enumerate(items):
        if item["id"] in seen:
            file.wrong(f"/rows/{index}/id", f"the row `{item['id']}` stands here twice")
        seen.add(item["id"])
    problems += file.problems
    return tuple(row_of(item) for item in items)


def row_of(item: dict[str, Any]) -> Row:
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
