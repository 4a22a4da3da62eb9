"""The style and the script of report.html, and their hashes for its content security policy."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from typing import Final

from harness.report import labels
from harness.report.rendering import TEMPLATES

STYLES: Final = ("report.css", "page.css")
# One scope: each file uses what the files before it define, and a few functions of later ones.
SCRIPTS: Final = (
    "elements",
    "data",
    "json",
    "joined",
    "exchange",
    "case",
    "issue",
    "state",
    "main",
)


@cache
def style() -> str:
    """Return the style sheet, with the marks that show outcomes without their colour."""
    marks = {f".pill.o-{name}": label.mark for name, label in labels.ALL.items()}
    marks |= {f".tile.o-{name}": label.mark for name, label in labels.OUTCOMES.items()}
    marks |= {f".f-{name}": label.mark for name, label in labels.ALL.items()}
    marks |= {".pill.known": labels.KNOWN.mark, ".pill.permitted": labels.PERMITTED.mark}
    # Readers of the page aloud hear the label only: the text after the slash is empty.
    rules = (f'{name}::before {{ content: "{mark} " / ""; }}' for name, mark in marks.items())
    files = ((TEMPLATES / name).read_text(encoding="utf-8") for name in STYLES)
    return "\n".join((*files, *rules))


@cache
def script() -> str:
    files = ((TEMPLATES / f"page/{name}.js").read_text(encoding="utf-8") for name in SCRIPTS)
    return "\n".join(("(() => {", "'use strict'", *files, "})()"))


def policy_hash(text: str) -> str:
    """Return the hash with which a policy permits an inline style or script."""
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
