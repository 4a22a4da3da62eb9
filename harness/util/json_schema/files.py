"""The JSON Schemas that ship, by their names."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from typing import Any

from harness.model import Json
from harness.util import paths


@cache
def schemas() -> dict[str, Any]:
    """Return the shipped schemas, such as `openai/chunk`."""
    folder = paths.schemas_dir()
    return {
        file.relative_to(folder).as_posix().removesuffix(".schema.json"): json.loads(
            file.read_text(encoding="utf-8")
        )
        for file in sorted(folder.rglob("*.schema.json"))
    }


def spellings() -> Iterator[tuple[str, Json]]:
    """Yield every schema under each name that a reference can have: `$id`, name and path."""
    for name, contents in schemas().items():
        for spelling in {contents.get("$id", name), name, f"{name}.schema.json"}:
            yield spelling, contents
