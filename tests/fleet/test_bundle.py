"""Files of a unit and its reports travel as bytes, and stay in their folders."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from harness.fleet import bundle
from harness.fleet.dask_task import check_version
from harness.fleet.fleet_file import read_fleet
from harness.fleet.unit_process import TranscriptTail
from harness.run.facts import own_version
from harness.util.errors import UsageError
from tests.support import pack_on_disk

CHILD = pack_on_disk.PACK.replace("id: tiny", "id: child\nextends: [tiny]")


def test_files_below_the_current_folder_keep_their_paths(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "here/conf").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "here")
    Path("conf/claims.yaml").write_text("a", "utf-8")
    Path("../base.yaml").write_text("b", "utf-8")
    files = ("conf/claims.yaml", "../base.yaml")
    words = ("--claims", files[0], "--baseline", files[1], "--case", "x")
    moved = bundle.moved(words, files)
    assert moved == (*words[:3], "inputs/0/base.yaml", *words[4:])
    bundle.unpack(bundle.pack_inputs(files), tmp_path / "there")
    assert (tmp_path / "there" / moved[1]).read_text("utf-8") == "a"
    assert (tmp_path / "there" / moved[3]).read_text("utf-8") == "b"


@pytest.mark.parametrize("where", [".", ".."])
def test_a_pack_travels_with_the_packs_that_it_extends(
    where: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    pack_on_disk.pack(Path(where, "packs/tiny"))
    pack_on_disk.pack(Path(where, "packs/child"), "pack: child\ncases: []\n", CHILD)
    text = (
        f"targets: [{{target: 'https://a.example'}}]\nmodels: [m]\npacks: [{where}/packs/child]\n"
    )
    Path("fleet.yaml").write_text(text, "utf-8")
    [unit] = read_fleet(Path("fleet.yaml"))
    words = bundle.moved(unit.words, unit.files)
    there = tmp_path / "there"
    bundle.unpack(bundle.pack_inputs(unit.files), there)
    pack = there / words[words.index("--pack") + 1]
    assert (pack / "pack.yaml").is_file()
    assert (pack.parent / "tiny/pack.yaml").is_file()


def test_a_missing_file_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"cannot read .*missing\.yaml: No such file"):
        bundle.pack_inputs([str(tmp_path / "missing.yaml")])


def test_an_archive_writes_nothing_outside_of_its_folder(tmp_path: Path) -> None:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr("../outside.txt", "x")
        archive.writestr("/absolute.txt", "x")
    bundle.unpack(data.getvalue(), tmp_path / "a/b")
    written = sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*.txt"))
    assert written == ["a/b/absolute.txt", "a/b/outside.txt"]


def test_a_worker_with_another_version_is_refused() -> None:
    check_version(own_version())
    with pytest.raises(UsageError, match=r"has version .* and the fleet 0\.0\.0"):
        check_version("0.0.0")


def test_the_tail_of_a_transcript_has_whole_lines_and_no_footer(tmp_path: Path) -> None:
    path = tmp_path / "transcript.jsonl"
    tail = TranscriptTail(path)
    assert tail.read() == b""
    path.write_bytes(b'{"header":1}\n{"exch')
    assert tail.read() == b'{"header":1}\n'
    path.write_bytes(b'{"header":1}\n{"exchange":1}\n{"footer":1}\n')
    assert tail.read() == b'{"exchange":1}\n'
    assert (tail.read(), tail.lines) == (b"", 2)
