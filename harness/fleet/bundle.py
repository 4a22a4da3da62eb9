"""Folders and files as bytes, for workers that share no disk with the fleet."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Final

from harness.util.errors import UsageError, file_errors
from harness.util.file_access import MIB

MAX_INPUT: Final = 64 * MIB  # bytes of the packs and files that one unit needs
ARRIVED: Final = "inputs"  # folder of what lay outside of the current folder


def pack_folder(folder: Path) -> bytes:
    """Return the files of a folder as a ZIP archive."""
    return pack_files({path.relative_to(folder).as_posix(): path for path in files_in(folder)})


def files_in(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file() and path.name != ".lock")


def pack_files(files: Mapping[str, Path]) -> bytes:
    """Return files as a ZIP archive, by their names in it."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, path in files.items():
            archive.write(path, name)
    return data.getvalue()


def unpack(data: bytes, folder: Path) -> None:
    """Write the files of an archive; no name leads out of the folder. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        archive.extractall(folder)


def pack_inputs(words: Sequence[str]) -> bytes:
    """Return the files and folders with these paths as an archive. Raises UsageError."""
    files: dict[str, Path] = {}
    for word, name in places(words).items():
        path = Path(word)
        with file_errors("read", path):
            if path.is_dir():
                own = {f"{name}/{p.relative_to(path).as_posix()}": p for p in files_in(path)}
                files |= own
            else:
                path.stat()
                files[name] = path
    if sum(path.stat().st_size for path in files.values()) > MAX_INPUT:
        raise UsageError(f"the files of a unit are larger than {MAX_INPUT // MIB} MiB")
    return pack_files(files)


def places(words: Sequence[str]) -> dict[str, str]:
    """Return the path of each file at a worker, relative to the folder in which its unit runs.

    A path below the current folder stays as it is, so that the command in a report is the same.
    Others keep their neighbours, since a pack can extend one beside it.
    """
    named, parents = dict[str, str](), list[PurePosixPath]()
    for word in words:
        path = PurePosixPath(Path(word).as_posix())
        if not path.is_absolute() and ".." not in path.parts:
            named[word] = str(path)
            continue
        if path.parent not in parents:
            parents.append(path.parent)
        named[word] = f"{ARRIVED}/{parents.index(path.parent)}/{path.name}"
    return named


def moved(words: Sequence[str], files: Sequence[str]) -> tuple[str, ...]:
    """Return the words of a command with the paths that the files have at a worker."""
    named = places(files)
    return tuple(named.get(word, word) for word in words)
