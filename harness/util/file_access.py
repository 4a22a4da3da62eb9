"""Reads files that others made without trusting them, and writes files whole.

A file of others is a regular file of a limited size. A device or a pipe is never opened for
reading, since it can be endless or wait forever, and a link in a folder must stay inside it.
"""

from __future__ import annotations

import errno
import glob
import os
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from io import BufferedReader
from pathlib import Path
from typing import Final, Literal

from harness.util import paths
from harness.util.errors import UsageError, file_errors

MIB: Final = 1024 * 1024
# Bytes that a file may have. The largest that ship or that a full run writes have a fraction.
MAX_YAML: Final = 4 * MIB
MAX_JSON: Final = 128 * MIB
MAX_TRANSCRIPT: Final = 1024 * MIB


def open_regular(path: str | Path, limit: int, inside: str | Path | None = None) -> BufferedReader:
    """Open a regular file for reading; never waits. Raises OSError with a text for users.

    Args:
        limit: The number of bytes that it may have.
        inside: A folder that it must lie in when links are followed; files that ship may be links.
    """
    try:
        if not stat.S_ISREG(os.stat(path).st_mode):  # opening a device can have effects
            raise not_regular(path)
        if inside is not None and not is_inside(path, inside):
            raise OSError(errno.EPERM, "it is a link that leads out of its folder")
        file = os.fdopen(os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0)), "rb")
    except ValueError as error:  # a zero byte, or half a surrogate pair
        raise OSError(errno.EINVAL, "its name is not valid") from error
    status = os.fstat(file.fileno())
    if not stat.S_ISREG(status.st_mode) or status.st_size > limit:
        file.close()
        if status.st_size > limit:
            raise OSError(errno.EFBIG, f"it is larger than {limit // MIB} MiB")
        raise not_regular(path)
    return file


def not_regular(path: str | Path) -> OSError:
    if os.path.isdir(path):
        return OSError(errno.EISDIR, os.strerror(errno.EISDIR))
    return OSError(errno.EINVAL, "it is not a regular file")


def is_inside(path: str | Path, folder: str | Path) -> bool:
    """Whether a file lies in a folder, after following links, or is one of those that ship."""
    real, root = Path(os.path.realpath(path)), Path(os.path.realpath(folder))
    return real.is_relative_to(root) or root.is_relative_to(os.path.realpath(paths.cases_dir()))


def member(folder: Path, name: str) -> Path:
    """Return the path of a file in a folder that someone else made. Raises UsageError."""
    path = folder / name
    if path.exists() and not is_inside(path, folder):
        raise UsageError(f"cannot read {path}: it is a link that leads out of its folder")
    return path


def read_bytes(path: str | Path, limit: int, inside: str | Path | None = None) -> bytes:
    """Return the content of a regular file. Raises OSError, see `open_regular`."""
    with open_regular(path, limit, inside) as file:
        data = file.read(limit + 1) or b""  # None: it has nothing now, such as a file of /proc
    if len(data) > limit:  # it has grown since
        raise OSError(errno.EFBIG, f"it is larger than {limit // MIB} MiB")
    return data


def read_text(path: str | Path, limit: int, inside: str | Path | None = None) -> str:
    """Return the text of a regular file in UTF-8. Raises OSError, see `open_regular`."""
    try:
        return read_bytes(path, limit, inside).decode("utf-8")
    except UnicodeDecodeError as error:
        raise OSError(errno.EILSEQ, "it is not UTF-8") from error


def whole_lines(path: str | Path, limit: int, longest: int) -> Iterator[bytes]:
    """Yield the lines of a regular file; a last one that is cut short is left out.

    Raises UsageError for a file that cannot be read, and for a line longer than `longest` bytes.
    """
    with file_errors("read the transcript", path), open_regular(path, limit) as file:
        while (line := file.readline(longest)).endswith(b"\n"):
            yield line
        if len(line) >= longest:
            raise UsageError(f"{path}: a line is longer than {longest:,} bytes")


def output_bytes(text: str) -> bytes:
    """Return the bytes of a file with this text."""
    return text.encode("utf-8", "backslashreplace")


def write_whole(path: str | Path, content: str | bytes | Iterable[str]) -> None:
    """Write a file so that it has all of the content, or is left as it was. Raises OSError.

    The content goes to a temporary file in the same folder, which then takes the name. What cannot
    be replaced in that way, such as a device or a file in a folder that is read-only, is written
    to directly. A link to a file is replaced and not followed: it may lead anywhere.

    Args:
        content: All of it, or its parts, each time it is iterated over.
    """
    target = Path(path)
    if target.exists() and not target.is_file():
        write_parts(target, "wb", content)
        return
    try:
        with replacement(target) as temporary:
            write_parts(temporary, "xb", content)
    except PermissionError:
        if target.is_symlink():
            raise
        write_parts(target, "wb", content)


def write_parts(
    path: Path, mode: Literal["wb", "xb"], content: str | bytes | Iterable[str]
) -> None:
    parts = [content] if isinstance(content, str | bytes) else content
    with open(path, mode) as file:
        file.writelines(output_bytes(p) if isinstance(p, str) else p for p in parts)


def remove_temporary_files(folder: Path, names: Iterable[str]) -> None:
    """Remove what `replacement` left of these files when its process was killed."""
    for name in names:
        for path in folder.glob(f".{glob.escape(name[:100])}.{'[0-9a-f]' * 12}.tmp"):
            with suppress(OSError):
                path.unlink()


@contextmanager
def replacement(target: Path) -> Iterator[Path]:
    """Give the path of a temporary file that takes the target's place if the block ends well."""
    temporary = target.with_name(f".{target.name[:100]}.{os.urandom(6).hex()}.tmp")
    try:
        yield temporary
        if target.exists():
            os.chmod(temporary, stat.S_IMODE(target.stat().st_mode))
        os.replace(temporary, target)
    except BaseException:
        with suppress(OSError):
            temporary.unlink()
        raise
