"""Badges for README pages: `openai-compat 1.0.0 | conformant, 110 of 117 rows`."""

from __future__ import annotations

import json
from urllib.parse import urlsplit

from harness.report import labels
from harness.report.data import ReportData
from harness.report.headline import examined_rows, result_key, subject, target_label
from harness.report.rendering import render
from harness.util.printable import visible

# Colour of the SVG, and name of the colour at shields.io.
COLOURS = {
    "conformant": ("#1f7a47", "success"),
    "partial": ("#8a5a00", "yellow"),
    "untested": ("#8a5a00", "yellow"),
    "non-conformant": ("#b3261e", "critical"),
}
# Widths of Verdana at 11 px, exact to a pixel: narrow letters, wide letters, others.
NARROW, WIDE = set("fijlrtI.,:;|'()[] -"), set("mwMW@%")
PADDING = 6


def shields_json(report: ReportData) -> str:
    """badge.json, for https://shields.io/badges/endpoint-badge."""
    badge = {
        "schemaVersion": 1,
        "label": label(report) or "conformance",
        "message": message(report),
        "color": COLOURS[result_key(report)][1],
    }
    return json.dumps(badge, indent=2, ensure_ascii=False) + "\n"


def svg(report: ReportData) -> str:
    """badge.svg: a flat, scalable badge with a label for screen readers.

    Each text is fitted to its box, so that it does not overflow in another font.
    """
    packs, result = label(report), message(report)
    data = {
        "packs": packs,
        "result": result,
        "label": f"{packs}: {result}",
        "widths": (width(packs), width(result)),
        "padding": PADDING,
        "colour": COLOURS[result_key(report)][0],
    }
    return render("badge.svg.jinja2", data)


def label(report: ReportData) -> str:
    """The packs, after the name and the version of the target if the user gave them."""
    target, packs = report["target"], ", ".join(subject(report))
    is_named = "version" in target or target["name"] != urlsplit(target["base_url"]).netloc
    return visible(f"{target_label(report)}, {packs}" if is_named else packs)


def message(report: ReportData) -> str:
    """The result as the page words it, and its scope: `partially conformant, 90 of 117 rows`."""
    parts = (labels.RESULTS[result_key(report)].phrase, examined_rows(report))
    return ", ".join(part for part in parts if part)


def width(text: str) -> int:
    letters = sum(4.0 if c in NARROW else 10.0 if c in WIDE else 7.0 for c in text)
    return round(letters) + 2 * PADDING
