"""The folders of cases, schemas and targets. May not read what lies in them."""

from __future__ import annotations

from pathlib import Path
from typing import Final

HARNESS: Final = Path(__file__).resolve().parents[1]


def cases_dir() -> Path:
    return _shipped("cases")


def schemas_dir() -> Path:
    return _shipped("schemas")


def targets_dir() -> Path:
    return HARNESS / "targets"


def _shipped(name: str) -> Path:
    """The wheel carries the folder in `_data`; a checkout has it beside the package.

    A checkout is asked for first: a stale `_data` of an earlier build must not win over the
    files somebody is editing. `pyproject.toml` tells it from a site-packages folder in which
    another distribution has put a `cases` or a `schemas`.
    """
    root, packed = HARNESS.parent, HARNESS / "_data" / name
    if all((root / mark).exists() for mark in ("pyproject.toml", "cases", "schemas")):
        return root / name
    return packed if packed.is_dir() else root / name
