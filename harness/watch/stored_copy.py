"""The stored copy of a document: its tables, and digests of its sentences.

The sentences themselves belong to their authors, so that a pack contains only their digests.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Final

import msgspec

from harness.util.errors import UsageError, file_errors
from harness.util.file_access import MAX_YAML, read_text
from harness.watch.document import Document

FILE: Final = "document.json"
DIGEST_SIZE: Final = 12  # hexadecimal digits: enough for the sentences of one document


class StoredCopy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The contents of document.json.

    `url` is the address of the Markdown form, `retrieved` a date, `sha256` the hash of the whole
    document. `fields` has location, path and status of each field; `sections` has the digests of
    the sentences below each heading.
    """

    url: str
    retrieved: str
    sha256: str
    fields: tuple[tuple[str, str, str], ...]
    sections: dict[str, tuple[str, ...]]


def digest(sentence: str) -> str:
    """Return the digest by which a stored copy knows a sentence."""
    return hashlib.sha256(sentence.encode()).hexdigest()[:DIGEST_SIZE]


def make_copy(text: str, document: Document, url: str, retrieved: str) -> StoredCopy:
    """Return the copy of a document.

    Args:
        text: The document as it was retrieved.
        document: The same, as it was read.
        url: Address of the Markdown form.
        retrieved: Date, as in 2026-11-29.
    """
    return StoredCopy(
        url,
        retrieved,
        hashlib.sha256(text.encode()).hexdigest(),
        tuple((*place, status) for place, status in document.statuses.items()),
        {heading: tuple(map(digest, s)) for heading, s in document.sections.items()},
    )


def copy_text(copy: StoredCopy) -> str:
    """Return the text of document.json."""
    return msgspec.json.format(msgspec.json.encode(copy), indent=1).decode() + "\n"


def read_copy(folder: Path) -> StoredCopy | None:
    """Read the document.json of a pack. None if it has none. Raises UsageError."""
    path = folder / FILE
    if not path.is_file():
        return None
    with file_errors("read", path):
        text = read_text(path, MAX_YAML, folder)
    try:
        return msgspec.json.decode(text, type=StoredCopy)
    except (msgspec.MsgspecError, UnicodeError) as error:
        raise UsageError(f"{path} is not a stored copy of a document: {error}") from None
