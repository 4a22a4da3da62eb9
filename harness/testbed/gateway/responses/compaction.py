"""Compaction items: what they stand for is in their content, which only this server reads."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence

from harness.testbed.gateway.endpoint import Body
from harness.testbed.gateway.errors import bad_value
from harness.testbed.gateway.model_types import Json

MARK = "gAAAA"


def write(items: Sequence[Json]) -> str:
    """Returns the content that stands for items."""
    return MARK + base64.urlsafe_b64encode(json.dumps(items).encode()).decode()


def items_in(param: str, item: Body) -> list[Json]:
    """Returns the items that a compaction item stands for. Raises RequestError."""
    content = item.get("encrypted_content")
    try:
        if isinstance(content, str) and content.startswith(MARK):
            return list(json.loads(base64.urlsafe_b64decode(content.removeprefix(MARK))))
    except ValueError:
        pass
    message = "could not be decrypted."
    raise bad_value(f"{param}.encrypted_content", message, "invalid_encrypted_content")


def expand(items: Sequence[Json]) -> list[Json]:
    """Replaces compaction items by the items that they stand for."""
    expanded: list[Json] = []
    for number, item in enumerate(items):
        is_compaction = isinstance(item, dict) and item.get("type") == "compaction"
        expanded += items_in(f"input[{number}]", item) if is_compaction else [item]
    return expanded


def is_user_message(item: Json) -> bool:
    return isinstance(item, dict) and item.get("role") == "user"
