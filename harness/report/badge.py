"""Badges for README pages: `openai-compat 1.0.0 | conformant`."""

from __future__ import annotations

import json
from xml.sax.saxutils import escape

from harness.report.data import ReportData
from harness.report.headline import subject
from harness.report.text import visible

# Colour of the SVG, and name of the colour at shields.io.
COLOURS = {
    "conformant": ("#1f7a47", "success"),
    "partial": ("#8a5a00", "yellow"),
    "non-conformant": ("#b3261e", "critical"),
}
# Widths of Verdana at 11 px, exact to a pixel: narrow letters, wide letters, others.
NARROW, WIDE = set("fijlrtI.,:;|'()[] -"), set("mwMW@%")
PADDING = 6


def shields_json(report: ReportData) -> str:
    """badge.json, for https://shields.io/badges/endpoint-badge."""
    badge = {
        "schemaVersion": 1,
        "label": visible(", ".join(subject(report))) or "conformance",
        "message": report["result"],
        "color": COLOURS[report["result"]][1],
    }
    return json.dumps(badge, indent=2, ensure_ascii=False) + "\n"


def svg(report: ReportData) -> str:
    """badge.svg: a flat, scalable badge with a label for screen readers."""
    left, right = visible(", ".join(subject(report))), report["result"]
    first, second = width(left), width(right)
    total = first + second
    label = escape(f"{left}: {right}", {'"': "&quot;"})
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{total}" height="20" '
        f'viewBox="0 0 {total} 20" role="img" aria-label="{label}">\n'
        f"<title>{label}</title>\n"
        f'<clipPath id="r"><rect width="{total}" height="20" rx="3"/></clipPath>\n'
        f'<g clip-path="url(#r)"><rect width="{first}" height="20" fill="#4a5361"/>'
        f'<rect x="{first}" width="{second}" height="20" fill="{COLOURS[right][0]}"/></g>\n'
        '<g fill="#fff" font-family="Verdana,Geneva,DejaVu Sans,sans-serif" font-size="11" '
        'text-anchor="middle">\n'
        f"{svg_text(left, first / 2, first)}\n{svg_text(right, first + second / 2, second)}\n"
        "</g>\n</svg>\n"
    )


def svg_text(text: str, middle: float, box: int) -> str:
    """The text fitted to its box, so that it does not overflow in another font."""
    length = box - 2 * PADDING
    return f'<text x="{middle:g}" y="14" textLength="{length}">{escape(text)}</text>'


def width(text: str) -> int:
    letters = sum(4.0 if c in NARROW else 10.0 if c in WIDE else 7.0 for c in text)
    return round(letters) + 2 * PADDING
