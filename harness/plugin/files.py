"""Case files and packs among pytest's arguments, found without reading more than needed."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

import pytest

from harness.util.file_access import MAX_JSON, open_regular
from harness.util.paths import is_pack_folder

CASES = re.compile(rb"^cases:\s*(#.*)?$", re.MULTILINE)
HEAD = 4096


def is_stray(path: Path, config: pytest.Config) -> bool:
    """Whether a file named on the command line has cases, but no pack.yaml beside it."""
    if path.suffix not in (".yaml", ".yml") or path not in arguments(config):
        return False
    if is_pack_folder(path.parent):
        return path.suffix == ".yml"
    try:
        with open_regular(path, MAX_JSON) as file:
            return bool(CASES.search(file.read(HEAD)))
    except OSError:
        return False


def arguments(config: pytest.Config) -> list[Path]:
    """Return the paths among pytest's arguments, or its test paths if there are none."""
    here = config.invocation_params.dir
    return [(here / argument.partition("::")[0]).resolve() for argument in config.args]


def packs_named(config: pytest.Config) -> tuple[list[Path], bool]:
    """Return the packs that an argument is or lies in, and whether another has packs below it."""
    paths, ignored = arguments(config), config.getini("norecursedirs")
    folders = dict.fromkeys(path if path.is_dir() else path.parent for path in paths)
    named = [folder for folder in folders if is_pack_folder(folder)]
    others = [path for path in paths if path.is_dir() and path not in named]
    return named, any(any(packs_below(path, ignored)) for path in others)


def packs_below(folder: Path, ignored: list[str]) -> Iterator[Path]:
    """Yield the packs that pytest would find: not those in `.venv`, `node_modules` and the like."""
    for here, folders, files in os.walk(folder):
        if "pack.yaml" in files:
            yield Path(here)
        folders[:] = sorted(f for f in folders if not any(fnmatch(f, glob) for glob in ignored))


def has_cases(config: pytest.Config) -> bool:
    """Whether any of pytest's arguments is a case file, or a folder with some."""
    named, broad = packs_named(config)
    return bool(named) or broad
