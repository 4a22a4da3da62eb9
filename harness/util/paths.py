"""Paths of the folders of cases, schemas and targets that ship, and of the files of a pack."""

from __future__ import annotations

from pathlib import Path
from typing import Final

HARNESS: Final = Path(__file__).resolve().parents[1]
PACK_FILE: Final = "pack.yaml"
ROWS_FILE: Final = "rows.yaml"


def cases_dir() -> Path:
    """Return the folder of the shipped packs."""
    return _shipped("cases")


def schemas_dir() -> Path:
    """Return the folder of the shipped JSON Schemas."""
    return _shipped("schemas")


def targets_dir() -> Path:
    """Return the folder of the shipped target files."""
    return HARNESS / "targets"


def is_pack_folder(folder: Path) -> bool:
    """Whether a folder contains a pack file."""
    return (folder / PACK_FILE).is_file()


def is_case_file_name(name: str) -> bool:
    """Whether a file of this name in a pack's folder contains cases."""
    return name.endswith(".yaml") and name not in (PACK_FILE, ROWS_FILE)


def is_case_file(path: Path) -> bool:
    """Whether a file contains cases of a pack, judging by its name and folder alone."""
    return is_case_file_name(path.name) and is_pack_folder(path.parent)


def _shipped(name: str) -> Path:
    """Return a folder of the checkout or, in an installed wheel, of the package's `_data`.

    A checkout has precedence, so that a stale `_data` of an earlier build does not hide files
    that are being edited. `pyproject.toml` tells a checkout from a site-packages folder in which
    another distribution has put a `cases` or a `schemas` folder.
    """
    root, packaged = HARNESS.parent, HARNESS / "_data" / name
    if all((root / entry).exists() for entry in ("pyproject.toml", "cases", "schemas")):
        return root / name
    return packaged if packaged.is_dir() else root / name
