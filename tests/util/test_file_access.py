"""Files of others are regular, small and in their folder; written ones are whole or unchanged."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

import pytest

from harness.util.file_access import read_bytes, read_text, replacement, write_whole

MESSAGES = {
    "fifo": "it is not a regular file",
    "device": "it is not a regular file",
    "large": "it is larger than",
    "out": "it is a link that leads out of its folder",
    "loop": "Too many levels of symbolic links",
    "folder": "Is a directory",
    "latin": "it is not UTF-8",
    "zero\0byte": "its name is not valid",
    "missing": "No such file or directory",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    inside = tmp_path / "inside"
    (inside / "folder").mkdir(parents=True)
    os.mkfifo(inside / "fifo")
    (tmp_path / "secret").write_text("secret", "utf-8")
    for name, to in {
        "device": "/dev/zero",
        "out": "../secret",
        "loop": "loop",
        "near": "ok",
    }.items():
        (inside / name).symlink_to(to)
    (inside / "large").write_bytes(bytes(101))
    (inside / "latin").write_bytes(b"\xff")
    (inside / "ok").write_text("text", "utf-8")
    return inside


@pytest.mark.parametrize("name", MESSAGES)
def test_a_file_that_cannot_be_trusted_is_not_read(folder: Path, name: str) -> None:
    with pytest.raises(OSError, match=MESSAGES[name]):
        read_text(f"{folder}/{name}", 100, folder)


def test_a_link_inside_the_folder_is_read(folder: Path) -> None:
    assert read_text(folder / "near", 100, folder) == "text"
    assert read_bytes(folder / "out", 100) == b"secret"  # the user named it


def test_a_written_file_keeps_its_mode_and_leaves_no_other_file(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_text("old", "utf-8")
    path.chmod(0o640)
    write_whole(path, "new \ud800")
    assert path.read_text("utf-8") == "new \\ud800"
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert [each.name for each in tmp_path.iterdir()] == ["a"]


def test_a_file_that_is_not_written_to_its_end_is_left_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_text("old", "utf-8")

    def fill(to: Path) -> None:
        to.write_text("half", "utf-8")
        raise OSError(errno.ENOSPC, "full")

    with pytest.raises(OSError, match="full"), replacement(path) as temporary:
        fill(temporary)
    assert path.read_text("utf-8") == "old"
    assert [each.name for each in tmp_path.iterdir()] == ["a"]


def test_links_are_replaced_and_devices_written_directly(tmp_path: Path) -> None:
    (tmp_path / "real").write_text("old", "utf-8")
    (tmp_path / "link").symlink_to("real")
    write_whole(tmp_path / "link", "new")
    write_whole("/dev/null", b"gone")
    assert not (tmp_path / "link").is_symlink()
    assert (tmp_path / "link").read_text("utf-8") == "new"
    assert (tmp_path / "real").read_text("utf-8") == "old"
