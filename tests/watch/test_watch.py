"""`harness watch` compares the rows of a pack with the document of today."""

from __future__ import annotations

import json
import shutil
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.util import paths
from harness.watch.document import read_document
from harness.watch.page import MAX_SIZE
from harness.watch.stored_copy import read_copy
from tests.support import pack_on_disk, raw_server

PAGE = Path(__file__).with_name("page.md")
COMPAT = paths.cases_dir() / "openai-compat"
URL = "https://example.com/page.md"
Edit = Callable[[str], str]


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    """The rows of the shipped pack, with a stored copy of the fixture."""
    folder = tmp_path / "openai-compat"
    folder.mkdir()
    for name in ("pack.yaml", "rows.yaml"):
        shutil.copy(COMPAT / name, folder)
    stored = json.loads((COMPAT / "document.json").read_text())
    (folder / "document.json").write_text(json.dumps(stored | {"url": URL}))
    assert watch(folder, "--page", PAGE, "--save").code == 1  # the sentences are not the page's own
    return folder


def watch(folder: Path, *options: str | Path) -> pack_on_disk.CommandResult:
    return pack_on_disk.harness("watch", folder, *options)


def edited(tmp_path: Path, edit: Edit) -> Path:
    text = edit(PAGE.read_text("utf-8"))
    assert text != PAGE.read_text("utf-8")
    page = tmp_path / "today.md"
    page.write_text(text, "utf-8")
    return page


def replaces(old: str, new: str) -> Edit:
    return lambda text: text.replace(old, new, 1)


def test_every_row_of_the_tables_is_a_row_of_the_shipped_pack_in_the_same_words() -> None:
    stored = read_copy(COMPAT)
    assert stored
    page = read_document(PAGE.read_text("utf-8"))
    assert [(*place, words) for place, words in page.statuses.items()] == list(stored.fields)
    assert len(stored.fields) == 93
    differences = watch(COMPAT, "--page", PAGE).out.splitlines()
    assert [line for line in differences if line.startswith("@@") and "text: " not in line] == []


def test_the_same_page_has_no_differences(pack: Path) -> None:
    result = watch(pack, "--page", PAGE)
    assert (result.code, result.out) == (0, "93 fields and the text are the same\n")


@pytest.mark.parametrize(
    ("edit", "lines"),
    [
        pytest.param(
            replaces("| `store` | Ignored |", "| `store` | Fully supported |"),
            ["@@ request", "-store: Ignored", "+store: Fully supported"],
            id="another status",
        ),
        pytest.param(
            replaces("| `seed` | Ignored |\n", ""), ["@@ request", "-seed: Ignored"], id="gone"
        ),
        pytest.param(
            replaces("| `seed` | Ignored |", "| `seed` | Ignored |\n| `verbosity` | Ignored |"),
            ["@@ request", "-verbosity: (no row)", "+verbosity: Ignored"],
            id="listed now",
        ),
        pytest.param(
            replaces("| `seed` | Ignored |", "| `seed` | Ignored |\n| `sprout` | Ignored |"),
            ["@@ request", "+sprout: Ignored"],
            id="new",
        ),
        pytest.param(
            replaces("| | | `detail` | Ignored |", "| | | `detail` | Used |"),
            [
                "@@ message",
                "-messages[user].content[].image_url.detail: Ignored",
                "+messages[user].content[].image_url.detail: Used",
            ],
            id="below two other cells",
        ),
        pytest.param(
            replaces("`request-id` | Fully supported", "`request-id` | Only on errors"),
            ["@@ header", "-request-id: Fully supported", "+request-id: Only on errors"],
            id="header",
        ),
        pytest.param(
            replaces("It is not returned.", "It is returned."),
            [
                "@@ text: Thinking support",
                "-(1 sentence, stored as digests)",
                "+It is returned.",
            ],
            id="text",
        ),
        pytest.param(
            replaces("### Response fields", "## Limits\n\nNew here.\n\n### Response fields"),
            ["@@ text: Limits", "+New here."],
            id="new section",
        ),
    ],
)
def test_a_change_is_a_difference(tmp_path: Path, pack: Path, edit: Edit, lines: list[str]) -> None:
    page = edited(tmp_path, edit)
    result = watch(pack, "--page", page)
    assert result.code == 1
    assert result.out.splitlines()[:1][0].startswith("--- openai-compat/rows.yaml (")
    assert result.out.splitlines()[2:-1] == lines


@pytest.mark.parametrize(
    "edit",
    [
        pytest.param(replaces("| `seed` | Ignored |", "| `seed`   |   Ignored |"), id="spaces"),
        pytest.param(replaces("Ignored. For JSON", "**Ignored.** For JSON"), id="emphasis"),
        pytest.param(replaces("](https://platform.claude", "](https://docs.claude"), id="links"),
        pytest.param(replaces('"enabled"', '"adaptive"'), id="samples"),
        pytest.param(lambda text: text.replace("\n", "\r\n"), id="line ends"),
        pytest.param(lambda text: text.replace("      |", "|"), id="indentation"),
        pytest.param(replaces("can be enabled. It", "can be enabled.\nIt"), id="line breaks"),
    ],
)
def test_a_change_of_form_is_not_a_difference(tmp_path: Path, pack: Path, edit: Edit) -> None:
    result = watch(pack, "--page", edited(tmp_path, edit))
    assert (result.code, result.out) == (0, "93 fields and the text are the same\n")


def test_a_saved_copy_is_the_one_to_compare_with(tmp_path: Path, pack: Path) -> None:
    page = edited(tmp_path, replaces("It is not returned.", "It is returned."))
    assert watch(pack, "--page", page, "--save").code == 1
    assert watch(pack, "--page", page).code == 0
    stored = read_copy(pack)
    assert stored
    assert stored.url == URL
    assert "It is returned" not in (pack / "document.json").read_text()


def serve(status: bytes, body: bytes) -> raw_server.Handler:
    def handler(sock: socket.socket, number: int) -> None:
        raw_server.read_request(sock)
        sock.sendall(
            b"HTTP/1.1 %s\r\nconnection: close\r\ncontent-length: %d\r\n\r\n" % (status, len(body))
            + body
        )

    return handler


def test_a_page_is_read_from_its_address(pack: Path) -> None:
    with raw_server.listen(serve(b"200 OK", PAGE.read_bytes())) as url:
        assert watch(pack, "--page", f"{url}/page.md").code == 0


@pytest.mark.parametrize(
    ("status", "body", "message"),
    [
        (b"404 Not Found", b"", "answers with status 404"),
        (b"200 OK", b"<!DOCTYPE html><p>Hello", "is HTML; give the Markdown form"),
        (b"200 OK", b"# Moved\n\n| a | b |\n|---|---|\n| 1 | 2 |\n", "no table with a column"),
        (b"200 OK", b"\xff\xfe| Field |", "is not text in UTF-8"),
        (b"200 OK", b"x" * (MAX_SIZE + 1), "is longer than 1 MB"),
        (b"302 Found\r\nlocation: /again", b"", "Exceeded maximum allowed redirects"),
        (b"302 Found\r\nlocation: file:///etc/passwd", b"", "cannot get"),
    ],
)
def test_a_page_that_cannot_be_used_ends_with_one_line(
    pack: Path, status: bytes, body: bytes, message: str
) -> None:
    with raw_server.listen(serve(status, body)) as url:
        result = watch(pack, "--page", url)
    assert result.code == 4
    assert result.err.count("\n") == 1
    assert message in result.err


def test_the_document_cannot_steer_the_terminal(tmp_path: Path, pack: Path) -> None:
    page = edited(tmp_path, replaces("| `seed` | Ignored |", "| `seed` | \x1b[2J::error::x |"))
    result = watch(pack, "--page", page)
    assert result.code == 1
    assert "\x1b" not in result.out
    assert "\n::error" not in result.out


def test_a_pack_without_a_document_needs_a_page(tiny_pack: Path) -> None:
    assert "name the document with --page" in watch(tiny_pack).err
    assert "needs the document's address" in watch(tiny_pack, "--page", PAGE, "--save").err


def test_without_a_stored_copy_only_the_fields_are_compared(pack: Path) -> None:
    (pack / "document.json").unlink()
    result = watch(pack, "--page", PAGE)
    assert (result.code, result.out) == (0, "93 fields are the same; there is no stored copy\n")


def test_a_damaged_copy_is_named(pack: Path) -> None:
    (pack / "document.json").write_text('{"url": 1}')
    result = watch(pack, "--page", PAGE)
    assert result.code == 4
    assert "document.json is not a stored copy of a document" in result.err
