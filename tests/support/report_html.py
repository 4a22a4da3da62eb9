"""Reads the compressed data of report.html, as its script does."""

from __future__ import annotations

import base64
import json
import re
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

PACKED: Final = re.compile(r'<script type="text/plain"[^>]*>([^<]*)</script>')


def texts(html: str) -> Iterator[str]:
    """Yield the JSON texts of the page: its blocks, and then its index."""
    for packed in PACKED.findall(html):
        yield zlib.decompress(base64.b64decode(packed)).decode("utf-8")


def blocks(html: str) -> list[dict[str, Any]]:
    return [json.loads(text) for text in texts(html)][:-1]


def index(html: str) -> dict[str, Any]:
    data: dict[str, Any] = json.loads([*texts(html)][-1])
    return data


def cases(html: str) -> dict[str, dict[str, Any]]:
    """Return the data of each case, by its name; `exchanges` are the views by shot id."""
    parts = blocks(html)
    return {
        name: {
            **case,
            "exchanges": {
                shot: parts[number]["shots"][shot] for shot, number in case["exchanges"].items()
            },
        }
        for part in parts
        for name, case in part["cases"].items()
    }


def readable(html: str) -> str:
    """Return the page with its data in readable form: what it can show in any way."""
    return "\n".join((html, *texts(html)))


def read_bytes(path: Path) -> bytes:
    """Return the content of an output; of report.html, with its data in readable form."""
    data = path.read_bytes()
    if path.name != "report.html":
        return data
    return readable(data.decode("utf-8")).encode("utf-8", "surrogatepass")
