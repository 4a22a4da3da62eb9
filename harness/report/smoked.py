"""The data of report.json -> what a run of the smoke subset has left out. May not judge."""

from __future__ import annotations

from typing import Any


def told(report: dict[str, Any]) -> list[str]:
    """A sentence, where only the few cases that catch the most were asked for."""
    said = (report["selection"] or {}).get("smoke")
    return [f"Only the smoke subset was asked for: {said}."] if said else []
