"""A pack folder that someone else made: each trick is one line, and none waits, grows or leaks."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support import pack_on_disk

CASE = "  - {id: a, row: a, request: {body: {x: $v14}}}\n"
DOUBLED = "".join(f"  v{n}: [$v{n - 1}, $v{n - 1}]\n" for n in range(1, 60))
CHAIN = "".join(f"  v{n}: {{x: $v{n - 1}}}\n" for n in range(1, 4000))
LARGE = "".join(f"  v{n}: [$v{n - 1}, $v{n - 1}]\n" for n in range(1, 17))


def define(text: str, cases: str = pack_on_disk.CASES) -> Callable[[Path], None]:
    return lambda folder: _write(folder, f"{pack_on_disk.PACK}define:\n  v0: x\n{text}", cases)


def _write(folder: Path, text: str, cases: str) -> None:
    pack_on_disk.pack(folder, cases, text)


def link(name: str, to: str) -> Callable[[Path], None]:
    return lambda folder: (folder / name).symlink_to(to)


def fifo(name: str) -> Callable[[Path], None]:
    return lambda folder: os.mkfifo(folder / name)


def extend_each_other(folder: Path) -> None:
    """Each pack extends the next two: followed one by one, there are 2 ** 30 ways."""
    for n in range(30):
        text = pack_on_disk.PACK.replace("id: tiny", f"id: p{n}")
        more = f"extends: [p{n + 1}, p{n + 2}]" if n < 28 else ""
        (folder.parent / f"p{n}").mkdir()
        (folder.parent / f"p{n}" / "pack.yaml").write_text(f"{text}{more}\n", "utf-8")
    _write(folder, f"{pack_on_disk.PACK}extends: [p0, p1]\n", pack_on_disk.CASES)


def extend_a_long_chain(folder: Path) -> None:
    for n in range(200):
        text = pack_on_disk.PACK.replace("id: tiny", f"id: p{n}")
        _write(folder.parent / f"p{n}", f"{text}extends: [p{n + 1}]\n", "")
    _write(folder, f"{pack_on_disk.PACK}extends: [p0]\n", pack_on_disk.CASES)


def extend_a_path(folder: Path) -> None:
    _write(folder, f"{pack_on_disk.PACK}extends: [../../etc]\n", pack_on_disk.CASES)


def name_that_is_not_text(folder: Path) -> None:
    with open(os.path.join(os.fsencode(folder), b"\xff\x1b[31m.yaml"), "w") as file:
        file.write(pack_on_disk.CASES)


def too_large(folder: Path) -> None:
    with (folder / "more.yaml").open("wb") as file:
        file.truncate(5 * 1024 * 1024)


def unknown_keys(folder: Path) -> None:
    keys = "".join(f"requezt{n}: 1\n" for n in range(3_000))
    _write(folder, pack_on_disk.PACK + keys, pack_on_disk.CASES)


TRICKS: dict[str, tuple[Callable[[Path], None], str]] = {
    "a FIFO": (fifo("more.yaml"), "cannot read: it is not a regular file"),
    "a FIFO for the rows": (fifo("rows.yaml"), "cannot read: it is not a regular file"),
    "an endless device": (link("more.yaml", "/dev/zero"), "it is not a regular file"),
    "a link to itself": (link("more.yaml", "more.yaml"), "levels of symbolic links"),
    "a link out of the folder": (link("more.yaml", "/etc/passwd"), "leads out of its folder"),
    "rows out of the folder": (link("rows.yaml", "/etc/passwd"), "leads out of its folder"),
    "a folder": (lambda folder: (folder / "more.yaml").mkdir(), "Is a directory"),
    "a large file": (too_large, "larger than 4 MiB"),
    "a name that is not text": (name_that_is_not_text, "is not plain text; rename it"),
    "a definition that doubles": (define(DOUBLED), "larger than 100,000 values"),
    "a long chain of definitions": (
        define(CHAIN, pack_on_disk.CASES + CASE.replace("v14", "v3999")),
        "larger than 100,000 values",
    ),
    "many large requests": (
        define(
            LARGE,
            "pack: tiny\ncases:\n"
            + "".join(CASE.replace("id: a", f"id: a{n}") for n in range(200)),
        ),
        "stand for more than 5,000,000 values",
    ),
    "a pack in another folder": (extend_a_path, "is not the id of a pack"),
    "a long chain of packs": (extend_a_long_chain, "more than 32 packs extend one another"),
    "many unknown keys": (unknown_keys, "unknown key"),
}


@pytest.mark.skipif(sys.platform == "win32", reason="needs links and named pipes")
@pytest.mark.parametrize("name", TRICKS)
def test_a_hostile_pack_is_refused_by_check_and_by_run(tiny_pack: Path, name: str) -> None:
    make, message = TRICKS[name]
    make(tiny_pack)
    for words in (("check", tiny_pack), ("run", "--pack", tiny_pack, "--dry-run")):
        result = pack_on_disk.harness(*words)
        assert (result.code, result.out) == (4, "")
        assert message in result.err
        assert len(result.lines) <= 100
        assert "Traceback" not in result.err
        assert "\x1b" not in result.err
        assert "root:" not in result.err


def test_packs_that_extend_one_another_in_many_ways_are_loaded_once(tiny_pack: Path) -> None:
    extend_each_other(tiny_pack)
    run = ("run", "--pack", tiny_pack, "--case", "tiny/answer", "--dry-run")
    for words in (("check", tiny_pack), run):
        result = pack_on_disk.harness(*words)
        assert (result.code, result.err) == (0, "")


@pytest.mark.parametrize(
    "case",
    [
        "{id: a, row: a, source: nowhere, request: {body: {x: 1}}}",
        "{id: a, row: a, behaviour: clamped, field: $.n, range: [5, 1], values: [9]}",
    ],
)
def test_a_run_refuses_what_check_refuses(tiny_pack: Path, case: str) -> None:
    pack_on_disk.pack(tiny_pack, f"pack: tiny\ncases:\n  - {case}\n")
    checked = pack_on_disk.harness("check", tiny_pack)
    run = pack_on_disk.harness("run", "--pack", tiny_pack, "--dry-run")
    assert (checked.code, run.code, run.err) == (4, 4, checked.err)
