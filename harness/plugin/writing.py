"""The report's data -> the files beside report.html. Writes only."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from harness.report import badge, json_file, summary

VOICES: Mapping[str, Callable[[dict[str, Any]], str]] = {
    "report.json": json_file.render,
    "summary.md": summary.render,
    "badge.svg": badge.render,
}


def write(report: dict[str, Any], out: Path) -> None:
    for name, render in VOICES.items():
        (out / name).write_text(render(report), encoding="utf-8")
