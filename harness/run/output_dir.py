"""Check of the folder for the reports."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Final

from harness.util.errors import UsageError

REPORTS: Final = (
    *("report.html", "report.json", "junit.xml"),
    *("summary.md", "badge.svg", "badge.json", "transcript.jsonl"),
)


def check_output_dir(out: Path) -> None:
    """Make the folder. Raises UsageError if a report cannot be written there."""
    try:
        out.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=out):
            pass
    except OSError as error:
        raise UsageError(f"cannot write to --out {out}: {error.strerror}") from error
    for path in (out / name for name in REPORTS):
        if path.exists() and not (path.is_file() and os.access(path, os.W_OK)):
            raise UsageError(f"cannot write to --out {out}: {path.name} there is not writable")
