"""Compares the rows of a pack, and the stored copy of its document, with the document of today."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from harness.report.text import plural
from harness.watch.document import Document, Field
from harness.watch.stored_copy import StoredCopy, digest


@dataclass(frozen=True, slots=True)
class Difference:
    """Lines that are only in the pack (`before`) or only in the document (`after`)."""

    place: str
    before: tuple[str, ...]
    after: tuple[str, ...]


def find_differences(
    words: Mapping[Field, str], stored: StoredCopy | None, today: Document
) -> list[Difference]:
    """Return the differences in the tables, then those in the text.

    Args:
        words: What the pack's rows quote from the document, by location and path.
        stored: The copy that the pack was made from. Without one neither fields that are gone nor
            changes of the text can be noticed.
        today: The document.
    """
    return [*field_differences(words, stored, today), *text_differences(stored, today)]


def field_differences(
    words: Mapping[Field, str], stored: StoredCopy | None, today: Document
) -> Iterator[Difference]:
    for (location, path), status in today.statuses.items():
        before = words.get((location, path))
        if before != status:
            old = () if before is None else (f"{path}: {before}",)
            yield Difference(location, old, (f"{path}: {status}",))
    for location, path, status in stored.fields if stored else ():
        if (location, path) not in today.statuses:
            before = words.get((location, path), status)
            yield Difference(location, (f"{path}: {before}",), ())


def text_differences(stored: StoredCopy | None, today: Document) -> Iterator[Difference]:
    """Yield the sections with sentences that are new or gone; a moved sentence is neither."""
    if stored is None:
        return
    known = {one for digests in stored.sections.values() for one in digests}
    present = {digest(one) for sentences in today.sections.values() for one in sentences}
    for heading in dict.fromkeys((*stored.sections, *today.sections)):
        new = tuple(s for s in today.sections.get(heading, ()) if digest(s) not in known)
        gone = sum(one not in present for one in stored.sections.get(heading, ()))
        if new or gone:
            old = (f"({plural(gone, 'sentence')}, stored as digests)",) if gone else ()
            yield Difference(f"text: {heading or 'introduction'}", old, new)
