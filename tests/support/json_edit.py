"""JSON documents with one value changed or removed."""

from __future__ import annotations

import copy
from typing import Any

from harness.model import Json

GONE = object()


def changed(document: dict[str, Any], path: str, value: Any) -> Json:
    """`document` with another value at a dotted path, or without it."""
    result = copy.deepcopy(document)
    here: Any = result
    *above, last = [int(part) if part.isdigit() else part for part in path.split(".")]
    for part in above:
        here = here[part]
    if value is GONE:
        del here[last]
    else:
        here[last] = value
    return result
