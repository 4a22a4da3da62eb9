"""Reads documents of Messages requests: texts, blocks, and PDF files without compression."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator

from harness.testbed.gateway.endpoint import Body
from harness.testbed.gateway.model_types import Json

_SHOWN_TEXT = re.compile(rb"\(([^()]*)\)\s*Tj")


def texts(block: Body) -> tuple[str, ...]:
    """Returns the title, the context and the text of a document; empty ones are left out."""
    parts = (block.get("title"), block.get("context"), content(block["source"]))
    return tuple(part for part in parts if part)


def content(source: Body) -> str:
    """Returns the text of a document. One that would have to be fetched has none."""
    match source["type"]:
        case "text":
            return str(source["data"])
        case "base64":
            return " ".join(part.decode("latin-1") for part in pdf_texts(source["data"]))
        case "content":
            return joined(source["content"])
        case _:
            return ""


def joined(blocks: Json) -> str:
    if isinstance(blocks, str):
        return blocks
    return "\n".join(block["text"] for block in blocks if block.get("type") == "text")


def pdf_texts(data: str) -> list[bytes]:
    return _SHOWN_TEXT.findall(base64.b64decode(data))


def cited(messages: list[Body]) -> tuple[tuple[str, str], ...]:
    """Returns title and text of the documents and search results with citations enabled."""
    return tuple(
        (block.get("title") or "", citable_text(block)) for block in cited_blocks(messages)
    )


def citable_text(block: Body) -> str:
    """Returns the text of a document or of a search result."""
    if block["type"] == "search_result":
        return joined(block["content"])
    return content(block["source"])


def cited_blocks(messages: list[Body]) -> Iterator[Body]:
    for message in messages:
        for block in message["content"] if isinstance(message["content"], list) else ():
            is_citable = block["type"] in ("document", "search_result")
            if is_citable and (block.get("citations") or {}).get("enabled"):
                yield block
