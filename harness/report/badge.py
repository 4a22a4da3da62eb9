"""The data of report.json -> a badge, `openai-compat 1.0.0 | conformant`. May load nothing."""

from __future__ import annotations

import json
from typing import Any
from xml.sax.saxutils import escape

from harness.report import words
from harness.report.text import visible

COLOURS = {"conformant": "#1f7a47", "partial": "#8a5a00", "non-conformant": "#b3261e"}
# Widths of Verdana at 11 px, good to a pixel: narrow letters, wide letters, all others.
NARROW, WIDE = set("fijlrtI.,:;|'()[] -"), set("mwMW@%")
PAD = 6
# What https://shields.io/badges/endpoint-badge draws: its own names of colours.
ENDPOINT = {"conformant": "success", "partial": "yellow", "non-conformant": "critical"}


def endpoint(report: dict[str, Any]) -> str:
    """badge.json: served under some URL, shields.io makes a badge of it in anybody's style."""
    said = {
        "schemaVersion": 1,
        "label": visible(", ".join(words.subject(report))) or "conformance",
        "message": report["result"],
        "color": ENDPOINT[report["result"]],
    }
    return json.dumps(said, indent=2, ensure_ascii=False) + "\n"


def render(report: dict[str, Any]) -> str:
    """A flat badge as README pages show them; it scales, and says the same to a screen reader."""
    left, right = visible(", ".join(words.subject(report))), report["result"]
    first, second = width(left), width(right)
    total = first + second
    label = escape(f"{left}: {right}", {'"': "&quot;"})
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{total}" height="20" '
        f'viewBox="0 0 {total} 20" role="img" aria-label="{label}">\n'
        f"<title>{label}</title>\n"
        f'<clipPath id="r"><rect width="{total}" height="20" rx="3"/></clipPath>\n'
        f'<g clip-path="url(#r)"><rect width="{first}" height="20" fill="#4a5361"/>'
        f'<rect x="{first}" width="{second}" height="20" fill="{COLOURS[right]}"/></g>\n'
        '<g fill="#fff" font-family="Verdana,Geneva,DejaVu Sans,sans-serif" font-size="11" '
        'text-anchor="middle">\n'
        f"{text(left, first / 2, first)}\n{text(right, first + second / 2, second)}\n"
        "</g>\n</svg>\n"
    )


def text(said: str, middle: float, room: int) -> str:
    """The text is fitted to its room, so that no font can make it run over."""
    return f'<text x="{middle:g}" y="14" textLength="{room - 2 * PAD}">{escape(said)}</text>'


def width(said: str) -> int:
    letters = sum(4.0 if c in NARROW else 10.0 if c in WIDE else 7.0 for c in said)
    return round(letters) + 2 * PAD
