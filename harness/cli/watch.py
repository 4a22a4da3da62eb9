"""`harness watch`: what has changed in the document that a pack follows."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from harness.cli.printing import say
from harness.cli.reports import write_file
from harness.util.errors import FileProblems, UsageError
from harness.util.paths import ROWS_FILE
from harness.util.printable import printable_name

if TYPE_CHECKING:
    from harness.load.files import Problems
    from harness.watch.compare import Difference
    from harness.watch.document import Document
    from harness.watch.stored_copy import StoredCopy

MAX_LINES: Final = 400  # of differences that are printed


@click.command()
@click.argument("pack", metavar="PACK")
@click.option(
    "--page",
    metavar="FILE|URL",
    help="Document of today, in Markdown (default: the address in the pack's document.json).",
)
@click.option("--save", is_flag=True, help="Write document.json: this copy is the stored one now.")
def watch(pack: str, page: str | None, save: bool) -> int:
    """Compare the rows of PACK with the document of today; exit 1 if something differs.

    Tables are compared field by field with rows.yaml, and the text sentence by sentence with the
    stored copy, document.json. Correct rows.yaml first, then store the new copy with --save.
    """
    from harness.load.pack_folders import pack_folder
    from harness.watch.compare import find_differences
    from harness.watch.page import page_text
    from harness.watch.stored_copy import FILE, read_copy

    folder = pack_folder(pack)
    stored = read_copy(folder)
    page = page or (stored.url if stored else "")
    if not page:
        raise UsageError(f"{folder / FILE} does not exist; name the document with --page")
    url = address(page, stored) if save else ""
    text = page_text(page)
    today = document_of(text, page)
    differences = find_differences(quoted_words(folder), stored, today)
    print_differences(differences, heading(folder, stored), page)
    if not differences:
        same = "and the text are the same" if stored else "are the same; there is no stored copy"
        say(f"{len(today.statuses)} fields {same}")
    if save:
        save_copy(folder / FILE, text, today, url)
    return 1 if differences else 0


def document_of(text: str, page: str) -> Document:
    """Read the text of a page. Raises UsageError, with the page's name."""
    from harness.watch.document import read_document

    try:
        return read_document(text)
    except UsageError as error:
        raise UsageError(f"{page}: {error}") from None


def heading(folder: Path, stored: StoredCopy | None) -> str:
    date = stored.retrieved if stored else "no stored copy"
    return f"{folder.name}/{ROWS_FILE} ({date})"


def save_copy(path: Path, text: str, today: Document, url: str) -> None:
    """Write the stored copy of a document with the date of today. Raises UsageError."""
    from harness.watch.stored_copy import copy_text, make_copy

    date = datetime.datetime.now(datetime.UTC).date().isoformat()
    copy = make_copy(text, today, url, date)
    write_file(path, copy_text(copy))
    say(f"{path}: {len(copy.fields)} fields, {len(copy.sections)} sections")


def quoted_words(folder: Path) -> dict[tuple[str, str], str]:
    """Return what each row quotes from the document, by location and path. Raises UsageError."""
    from harness.load.packs import load_rows

    problems: Problems = []
    rows = load_rows(folder, problems)
    if problems:
        raise FileProblems(problems)
    return {(row.location, row.path): row.documented_as for row in rows}


def address(page: str, stored: StoredCopy | None) -> str:
    """Return the address for a stored copy. Raises UsageError if none is known."""
    from harness.watch.page import is_url

    if is_url(page):
        return page
    if stored is None:
        raise UsageError("--save needs the document's address: give it with --page")
    return stored.url


def print_differences(differences: Sequence[Difference], pack: str, page: str) -> None:
    """Print the differences in the form of a diff, with the number of them last."""
    from harness.report.text import plural

    if not differences:
        return
    lines = [f"--- {pack}", f"+++ {page}"]
    place = ""
    for one in differences:
        lines += [f"@@ {one.place}"] if one.place != place else []
        lines += [*(f"-{line}" for line in one.before), *(f"+{line}" for line in one.after)]
        place = one.place
    for line in lines[:MAX_LINES]:
        say(printable_name(line, 500))
    if len(lines) > MAX_LINES:
        say(f"({len(lines) - MAX_LINES} more lines)")
    texts = sum(one.place.startswith("text: ") for one in differences)
    say(f"{plural(len(differences) - texts, 'field')} and {plural(texts, 'section')} differ")
