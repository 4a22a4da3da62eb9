"""Finds the folders and files of packs: by name or path, with the packs that they extend."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import Final

from harness.load import files
from harness.util import file_access, paths
from harness.util.errors import UsageError
from harness.util.printable import printable_name
from harness.util.suggestion import suggestion

PACK_ID: Final = re.compile("[a-z0-9][a-z0-9-]*")  # as in schemas/pack.schema.json
MAX_PARENTS: Final = 32  # packs that one extends, directly or through others


def shipped_packs() -> tuple[str, ...]:
    """Return the names of the packs that ship with the harness."""
    folders = [path.parent for path in paths.cases_dir().glob(f"*/{paths.PACK_FILE}")]
    return tuple(sorted(folder.name for folder in folders))


def shipped_packs_of_the_wire() -> tuple[str, ...]:
    """Return the shipped packs with no need of an SDK; each case is in one of them once.

    A pack that another one extends is part of that one.
    """
    names = [name for name in shipped_packs() if not name.startswith("sdk-")]
    extended = {folder.name for name in names for folder in pack_lineage([name])[:-1]}
    return tuple(name for name in names if name not in extended)


def pack_folder(name: str) -> Path:
    """Return the folder of a pack, by path or name. Raises UsageError."""
    for folder in (Path(name), paths.cases_dir() / name):
        if paths.is_pack_folder(folder):
            return folder
    packs = shipped_packs()
    hint = f"{suggestion(name, packs)} there are {', '.join(packs)}".lstrip()
    raise UsageError(f"no pack `{name}`; {hint}, or give the path of a folder that has a pack.yaml")


def parent_folder(folder: Path, name: str) -> Path:
    """Return the folder of a pack that another extends: a sibling, else a shipped pack.

    Raises UsageError.
    """
    if not PACK_ID.fullmatch(name):
        raise UsageError(f"`{printable_name(name)}` is not the id of a pack")
    sibling = folder.parent / name
    return sibling if paths.is_pack_folder(sibling) else pack_folder(name)


def pack_lineage(names: Iterable[str]) -> tuple[Path, ...]:
    """Return the folders of packs and of all packs that they extend, parents first.

    Mistakes in a pack.yaml are left to `load_packs`. Raises UsageError.
    """
    folders: dict[Path, Path] = {}
    for name in names:
        _add_lineage(pack_folder(name), folders, set())
    return tuple(folders.values())


def _add_lineage(folder: Path, folders: dict[Path, Path], visited: set[Path]) -> None:
    real = folder.resolve()
    if real in visited or len(visited) > MAX_PARENTS:
        return
    visited.add(real)
    data = files.read(folder / paths.PACK_FILE, folder).data
    parents = data.get("extends") if isinstance(data, dict) else None
    for name in parents if isinstance(parents, list) else ():
        _add_lineage(parent_folder(folder, str(name)), folders, visited)
    folders.setdefault(real, folder)


def with_sdk_packs(names: Iterable[str]) -> tuple[str, ...]:
    """Return the packs, followed by the SDK packs of the protocols that they use."""
    packs = tuple(names)
    sdk_packs = (f"sdk-{protocol}" for name in packs for protocol in _protocols(name))
    return tuple(dict.fromkeys((*packs, *sdk_packs)))


def _protocols(name: str) -> Iterator[str]:
    """Yield the protocols of a pack, its own first."""
    data = files.read(pack_folder(name) / paths.PACK_FILE).data
    if isinstance(data, dict):
        if isinstance(protocol := data.get("protocol"), str):
            yield protocol
        if isinstance(others := data.get("protocols"), dict):
            yield from others


def folders_with_cases(cases: Collection[str], folders: Iterable[Path]) -> tuple[Path, ...]:
    """Return those of the pack folders that have one of the cases (ID or PACK/ID).

    The case files are searched as text, which is much faster than loading the packs. If a case is
    in none of them, all folders are returned, so that loading them can report it.
    """
    candidates = tuple(folders)
    matches = {case: _folders_with_case(case, candidates) for case in cases}
    if not all(matches.values()):
        return candidates
    return tuple(folder for folder in candidates if any(folder in w for w in matches.values()))


def shipped_packs_with(case: str) -> tuple[str, ...]:
    """Return the names of the shipped packs that have a case (ID or PACK/ID)."""
    folders = [paths.cases_dir() / name for name in shipped_packs()]
    return tuple(folder.name for folder in _folders_with_case(case, folders))


def _folders_with_case(case: str, folders: Iterable[Path]) -> list[Path]:
    pack, _, name = case.rpartition("/")
    pattern = re.compile(rf"\bid: *[\"']?{re.escape(name)}[\"']?\s*(?:[,}}#]|$)", re.MULTILINE)
    return [
        folder
        for folder in folders
        if pack in ("", folder.resolve().name)
        and any(
            pattern.search(_text(path, folder))
            for path in folder.glob("*.yaml")
            if paths.is_case_file_name(path.name)
        )
    ]


def _text(path: Path, folder: Path) -> str:
    """Return the text of a case file; nothing if it cannot be read, which loading it reports."""
    try:
        data = file_access.read_bytes(path, file_access.MAX_YAML, folder)
    except OSError:
        return ""
    return data.decode("utf-8", "replace")
