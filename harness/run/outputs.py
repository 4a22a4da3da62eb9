"""The data of report.json -> the files that a run leaves of it. May not judge or build it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from harness.report import badge, json_file, summary

VOICES: Final[Mapping[str, Callable[[dict[str, Any]], str]]] = {
    "report.json": json_file.render,
    "summary.md": summary.render,
    "badge.svg": badge.render,
    "badge.json": badge.endpoint,
}


def write(out: Path, report: dict[str, Any]) -> None:
    """Raises OSError."""
    for name, render in VOICES.items():
        (out / name).write_text(render(report), encoding="utf-8")
