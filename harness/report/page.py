"""report.html: one file, which loads nothing, and whose data a browser unpacks when needed."""

from __future__ import annotations

from typing import Any

from harness.report import labels, page_assets
from harness.report.data import ReportData
from harness.report.headline import headline
from harness.report.page_blocks import case_blocks, pack
from harness.report.page_cases import linked
from harness.report.page_data import format_time, summary_data
from harness.report.page_store import PageStore
from harness.report.rendering import render
from harness.report.text import json_text
from harness.util.printable import visible


def page_html(report: ReportData, store: PageStore) -> str:
    """Return report.html.

    Args:
        store: The exchanges that the page shows; without those of a case, it shows none.
    """
    lines, blocks = case_blocks(report["cases"], store)
    style, script = page_assets.style(), page_assets.script()
    data = summary_data(report)
    return render(
        "page.html.jinja2",
        {
            **data,
            "title": title(report),
            "date": format_time(report["started"]),
            "blocks": blocks,
            "index": pack(json_text(index(report, data["faults"], lines))),
            "assets": {"style": style, "script": script},
            "hashes": {
                "style": page_assets.policy_hash(style),
                "script": page_assets.policy_hash(script),
            },
        },
    )


def title(report: ReportData) -> str:
    """The title of the page: the result in one line, and the date of the run."""
    date = format_time(report["started"])
    return visible(f"{headline(report)}, {date}" if date else headline(report))


def index(report: ReportData, faults: list[dict[str, Any]], lines: list[list[Any]]) -> Any:
    """Return what the script needs before a case is opened."""
    target = report["target"]
    return {
        "target": ", ".join(filter(None, (target["name"], target["base_url"], target["model"]))),
        "subject": ", ".join(f"{pack['id']} {pack['version']}" for pack in report["packs"]),
        "harness": report["harness"],
        "date": format_time(report["started"]),
        "command": report["command"] if report["command"].startswith("harness ") else "",
        "labels": {
            "outcomes": {name: label._asdict() for name, label in labels.ALL.items()},
            "known": labels.KNOWN._asdict(),
            "refused": labels.PERMITTED._asdict(),
            "evidence": labels.EVIDENCE,
            "levels": labels.LEVELS,
        },
        "faults": {fault["id"]: fault_entry(fault) for fault in faults},
        "rows": {
            f"{row['pack']}/{row['row']}": row["cases"]
            for row in report["fields"]
            if len(row["cases"]) > 1
        },
        "cases": lines,
    }


def fault_entry(fault: dict[str, Any]) -> dict[str, Any]:
    """Return what an issue about a fault says."""
    kept = ("title", "sent", "got", "expected", "promised", "why", "hint", "scope")
    more = {key: fault[key] for key in ("rule", "rule_url", "cases", "shots")}
    return {key: fault[key] for key in kept} | more | {"source": [*map(linked, fault["source"])]}
