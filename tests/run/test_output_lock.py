"""Two processes never write their reports into one folder, and a dead one does not stop others."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support import pack_on_disk

HOLD = """
import sys
from pathlib import Path
from harness.run import hold_output_dir
with hold_output_dir(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


@contextmanager
def another_process(out: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that writes into the folder, until it is killed or its input ends."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(out)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=pack_on_disk.ROOT,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def test_a_second_writer_is_refused_until_the_first_is_gone(tiny_pack: Path) -> None:
    out = tiny_pack.parent / "out"
    assert pack_on_disk.run(tiny_pack).code == 0
    before = {path.name: path.read_bytes() for path in out.iterdir()}
    other = tiny_pack.parent / "other"
    commands = (
        ("run", "builtin", "--pack", tiny_pack, "--out", out),
        ("judge", out, "--out", out),
        ("merge", out, "--out", out),
        ("report", out),
    )
    with another_process(out) as process:
        for words in commands:
            result = pack_on_disk.harness(*words)
            assert (result.code, result.lines, result.out) == (
                4,
                [
                    f"ERROR: cannot write to --out {out}: another run is writing its reports "
                    "there; wait for its end, or choose another folder"
                ],
                "",
            )
        assert pack_on_disk.run(tiny_pack, out=other).code == 0
        names = {path.name for path in out.iterdir()} - {".lock"}
        assert {name: (out / name).read_bytes() for name in names} == before
        process.kill()  # it leaves its file, which is no lock any more
        process.wait()
        assert (out / ".lock").exists()
        assert pack_on_disk.run(tiny_pack).code == 0
    assert not (out / ".lock").exists()


@pytest.mark.parametrize("words", [(), ("--fail-on", "warn")])
def test_report_writes_the_outputs_of_the_run_again(
    tiny_pack: Path, words: tuple[str, ...]
) -> None:
    out, again = tiny_pack.parent / "out", tiny_pack.parent / "again"
    with pack_on_disk.gateway(pack_on_disk.refuse_seed) as url:
        assert pack_on_disk.run_against(url, tiny_pack, *words).code == 1
    result = pack_on_disk.harness("report", out, "--out", again)
    assert (result.code, result.err) == (0, "")
    names = {path.name for path in again.iterdir()}
    assert {"report.json", "junit.xml", "report.sarif", "code-quality.json"} < names
    assert all((again / name).read_bytes() == (out / name).read_bytes() for name in names)
    (out / "badge.svg").write_text("old", "utf-8")
    assert pack_on_disk.harness("report", out).code == 0
    assert (out / "badge.svg").read_bytes() == (again / "badge.svg").read_bytes()


def test_report_needs_a_report(tmp_path: Path) -> None:
    (tmp_path / "report.json").write_text('{"format": 1}', "utf-8")
    result = pack_on_disk.harness("report", tmp_path)
    assert result.code == 4
    assert result.lines[0].startswith(f"ERROR: {tmp_path}/report.json is not a valid report")


def test_what_a_killed_run_left_is_removed_by_the_next_run(tiny_pack: Path) -> None:
    out = tiny_pack.parent / "out"
    out.mkdir()
    mine = (".report.json.0123456789ab.tmp", ".tests.html.ba9876543210.tmp")
    others = (".mine.tmp", ".report.json.tmp", ".notes.0123456789ab.tmp")
    for name in (*mine, *others):
        (out / name).write_text("x", "utf-8")
    assert pack_on_disk.run(tiny_pack).code == 0
    assert {name for name in (*mine, *others) if (out / name).exists()} == set(others)
