"""Rules of version 2026-10-21 of the Messages API; version 2023-06-01 has none of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from harness.testbed.gateway.endpoint import Body
from harness.testbed.gateway.errors import bad_value, extra

REMOVED: Final = ("temperature", "top_p", "top_k")


def check(body: Body) -> None:
    """Refuses sampling parameters with any value, and blocks in places that they lost.

    Raises:
        RequestError: The request has one of them.
    """
    for name in REMOVED:
        if name in body:
            raise extra(name)
    for param, role, block in blocks(body):
        if role == "assistant" and block["type"] == "document":
            raise bad_value(f"{param}.type", "document is not allowed in an assistant message.")
        if role == "user" and block["type"] == "text" and block.get("citations"):
            raise extra(f"{param}.citations")


def blocks(body: Body) -> Iterator[tuple[str, str, Body]]:
    """Yields place, role and block of all content, with the texts of search results."""
    for number, message in enumerate(body["messages"]):
        content = message["content"]
        for index, block in enumerate(content if isinstance(content, list) else ()):
            param = f"messages[{number}].content[{index}]"
            yield param, message["role"], block
            if block["type"] == "search_result" and isinstance(block["content"], list):
                yield from ((param, message["role"], text) for text in block["content"])
