"""`harness fleet` on this machine: units as processes, pages, history, and continued runs."""

from __future__ import annotations

import io
import json
import re
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from harness.cli.fleet import exit_code
from harness.fleet import on_dask
from harness.fleet.live_table import LiveTable, record_line
from harness.fleet.records import MAX_HISTORY, Record, Summary, keep_report
from harness.fleet.unit_process import NO_PROJECT_FILE, Watch, run_unit
from harness.fleet.units import Unit
from tests.support import pack_on_disk
from tests.support.held_gateway import held_gateway

pytestmark = pytest.mark.no_cover


CONTINUE = "interrupted; to continue, add --resume to the same command"
ROWS = """
rows:
  - {id: seed, path: seed, location: request, behaviour: ignored, documented_as: Ignored}
  - {id: n, path: n, location: request, behaviour: exactly, documented_as: Must be exactly 1}
  - {id: answer, path: answer, location: request, behaviour: supported, documented_as: Answered}
  - {id: burst, path: burst, location: request, behaviour: supported, documented_as: Limited}
"""


def write_fleet(folder: Path, **urls: str) -> Path:
    data = {
        "targets": [{"target": url, "name": name} for name, url in urls.items()],
        "models": ["builtin-1"],
        "packs": ["tiny"],
        "options": {"api-key-env": "TINY_KEY", "case": ["seed", "n"]},
    }
    path = folder / "fleet.yaml"
    path.write_text(json.dumps(data), "utf-8")
    return path


def test_a_fleet_has_reports_pages_and_history(tiny_pack: Path) -> None:
    (tiny_pack / "rows.yaml").write_text(ROWS, "utf-8")
    with pack_on_disk.gateway() as right, pack_on_disk.gateway(pack_on_disk.refuse_seed) as wrong:
        closed = "http://127.0.0.1:1/v1"
        file = write_fleet(tiny_pack.parent, right=right, wrong=wrong, closed=closed)
        result = pack_on_disk.harness("fleet", file)
    assert result.code == 4
    assert "◌ right/builtin-1/tiny: not fully tested, 2 of 2 rows, 2 pass, " in result.out
    assert "✗ wrong/builtin-1/tiny: non-conformant, 2 of 2 rows, 1 fail, 1 pass, " in result.out
    assert re.search("– closed/builtin-1/tiny: .*127.0.0.1:1", result.out)
    counts = "3 units: 1 not fully tested, 1 non-conformant, 1 without a result"
    assert result.out.splitlines()[-2:] == [counts, "Fleet: fleet/index.html"]
    index = Path("fleet/index.html").read_text("utf-8")
    assert "<script" not in index
    assert index.index(">right<") < index.index(">wrong<") < index.index(">closed<")
    links = re.findall(r'href="([^"]+)"', index)
    assert {
        "units/right/builtin-1/tiny/report.html",
        "units/closed/builtin-1/tiny/terminal.txt",
        "packs/tiny/index.html",
    } <= {*links}
    assert [link for link in links if not Path("fleet", link).is_file()] == []
    assert "the targets differ in 1 of 2 fields" in index
    assert "without a result" in index
    page = Path("fleet/packs/tiny/fields/tiny/seed.html").read_text("utf-8")
    assert "no seed, please" in page
    assert 'href="../../../../index.html"' in page

    with pack_on_disk.gateway() as right:
        file = write_fleet(tiny_pack.parent, wrong=right)
        assert pack_on_disk.harness("fleet", file).code == 0
    history = Path("fleet/packs/tiny/history.html").read_text("utf-8")
    assert "fail → pass" in history
    assert "2 runs" in Path("fleet/packs/tiny/index.html").read_text("utf-8")

    again = pack_on_disk.harness("fleet", file, "--resume")  # the gateway has ended
    assert (again.code, again.lines) == (0, [])
    assert again.out.splitlines()[0] == "1 unit has ended before, 0 are left"


def test_one_unit_and_one_part_leave_the_pages_to_collect(tiny_pack: Path) -> None:
    with pack_on_disk.gateway() as url:
        file = write_fleet(tiny_pack.parent, a=url, b=url, c=url)
        listed = json.loads(pack_on_disk.harness("fleet", file, "--list", "--json").out)
        assert [unit["unit"] for unit in listed] == [f"{name}/builtin-1/tiny" for name in "abc"]
        part = pack_on_disk.harness("fleet", file, "--shard", "2/3", "--list").out.splitlines()
        assert part == [listed[1]["unit"], "1 unit"]
        words = listed[1]["command"].split()
        assert pack_on_disk.harness(*words[1:]).code == 0
    folders = sorted(path.name for path in Path("fleet/units").iterdir())
    assert (folders, Path("fleet/index.html").exists()) == (["b"], False)
    assert pack_on_disk.harness("fleet", file, "--collect").code == 0
    index = Path("fleet/index.html").read_text("utf-8")
    assert index.count('report.html"') == 1
    assert "it was not run" in index
    wrong = pack_on_disk.harness("fleet", file, "--unit", "a/builtin-1/tiny2")
    assert (wrong.code, len(wrong.lines)) == (4, 1)
    assert "did you mean `a/builtin-1/tiny`?" in wrong.err


def words_for(url: str, pack: Path) -> list[str]:
    words = [url, "--pack", str(pack), "--model", "builtin-1", "--api-key-env", "TINY_KEY"]
    return [*words, "--concurrency", "2"]


def test_a_killed_process_is_continued_and_nothing_is_requested_twice(
    tiny_pack: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started = list[subprocess.Popen[bytes]]()
    popen = subprocess.Popen

    def start(*words: Any, **more: Any) -> subprocess.Popen[bytes]:
        started.append(popen(*words, **more))
        return started[-1]

    monkeypatch.setattr(subprocess, "Popen", start)
    with held_gateway(6) as gateway:
        kept = threading.Event()

        def on_lines(lines: bytes, count: int) -> None:
            if gateway.is_holding.is_set() and count - 1 == gateway.answered and not kept.is_set():
                kept.set()
                started[0].send_signal(signal.SIGKILL)
                gateway.release()

        watch = Watch(on_lines, lambda: False)
        words = words_for(gateway.url, tiny_pack)
        record = run_unit("u", words, Path("out"), Path.cwd(), 2, watch)
    assert (record.code, record.attempts, len(started)) == (0, 2, 2)
    lines = Path("out/transcript.jsonl").read_text("utf-8").splitlines()
    exchanges = [json.loads(line).get("exchange") for line in lines]
    assert sum(len(one["attempts"]) for one in exchanges if one) == gateway.answered


def test_a_unit_ends_with_the_process_that_started_it(tiny_pack: Path) -> None:
    with held_gateway(2) as gateway:
        words = words_for(gateway.url, tiny_pack)
        process = subprocess.Popen(
            [sys.executable, "-m", "harness.fleet.child", "run", *words],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        assert gateway.is_holding.wait(60)
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(60) == 2


def test_a_project_file_has_no_effect_on_units(
    tiny_pack: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("harness.toml").write_text('model = "other"\ncase = ["answer"]\n', "utf-8")
    listed = [pack_on_disk.run(tiny_pack, "--dry-run").out]
    for name, value in NO_PROJECT_FILE.items():
        monkeypatch.setenv(name, value)
    listed.append(pack_on_disk.run(tiny_pack, "--dry-run").out)
    assert [("harness.toml" in text, "tiny/seed" in text) for text in listed] == [
        (True, False),
        (False, True),
    ]


def test_the_history_has_a_limit(tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    for day in range(MAX_HISTORY + 5):
        report.write_text(f'{{"started": "2026-01-{day:02}T00:00:00Z"}}', "utf-8")
        keep_report(tmp_path / "history", report)
    names = sorted(path.name for path in (tmp_path / "history").iterdir())
    assert len(names) == MAX_HISTORY
    assert names[0] == "2026-01-05T000000Z.json.gz"


def test_an_interrupted_fleet_continues(tiny_pack: Path) -> None:
    with held_gateway(6) as gateway:
        file = write_fleet(tiny_pack.parent, slow=gateway.url)
        process = pack_on_disk.start_process(
            "harness", "fleet", file, preexec_fn=pack_on_disk.restore_signals
        )
        assert gateway.is_holding.wait(60)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=60)
        assert (process.returncode, errors.splitlines()) == (2, [CONTINUE])
        gateway.release()
        result = pack_on_disk.harness("fleet", file, "--resume")
        assert result.code == 0
        assert "not fully tested, 2 pass" in result.out
    lines = Path("fleet/units/slow/builtin-1/tiny/transcript.jsonl").read_text("utf-8").splitlines()
    exchanges = [one for line in lines if (one := json.loads(line).get("exchange"))]
    assert sum(one["status"] is not None for one in exchanges) == gateway.answered


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--json"], "--json is for --list"),
        (["--list", "--collect"], "--list and --collect contradict each other"),
        (["--collect", "--unit", "a/builtin-1/tiny"], "--collect and --unit contradict each other"),
        (["--dask", "tcp://127.0.0.1:1", "--jobs", "2"], "--dask and --jobs contradict each other"),
        (["--shard", "3/2"], "--shard 3/2: write I/N"),
        (["--dask", "127.0.0.1:1"], "--dask 127.0.0.1:1: no scheduler answers there"),
        (["--dask", "nonsense://"], "--dask nonsense://: no scheduler answers there"),
    ],
)
def test_a_wrong_option_is_one_line(
    words: list[str], message: str, tiny_pack: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(on_dask, "CONNECT", 0.2)
    file = write_fleet(tiny_pack.parent, a="http://127.0.0.1:1/v1")
    result = pack_on_disk.harness("fleet", file, *words)
    assert (result.code, len(result.lines)) == (4, 1)
    assert message in result.err


def test_a_missing_key_is_one_line_before_any_unit_starts(
    tiny_pack: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TINY_KEY")
    file = write_fleet(tiny_pack.parent, a="http://127.0.0.1:1/v1", b="http://127.0.0.1:2/v1")
    result = pack_on_disk.harness("fleet", file)
    assert (result.code, result.out) == (4, "")
    assert result.lines == [
        "ERROR: the environment variable TINY_KEY is not set; set it to the API key"
    ]
    assert not Path("fleet/units").exists()


@pytest.mark.parametrize(
    ("codes", "code"), [((0, 1), 1), ((1, 4), 4), ((4, 3), 3), ((0, -9), 3), ((3, 2), 2), ((), 0)]
)
def test_the_exit_code_is_the_gravest_of_the_units(codes: tuple[int, ...], code: int) -> None:
    assert exit_code([Record("u", each) for each in codes]) == code


def test_a_line_shows_why_a_unit_has_no_result() -> None:
    record = Record("a/m/p", -9, 12.4, 3, "its process was killed by signal 9")
    line = "– a/m/p: its process was killed by signal 9, 12 s, 3 attempts"
    assert record_line(record, Summary("conformant", "", {"pass": 2})) == line
    summary = Summary("conformant", "3 of 3 rows", {"pass": 2, "fail": 0})
    assert record_line(Record("a/m/p", 0, 3.0, where="w1"), summary) == (
        "✓ a/m/p: conformant, 3 of 3 rows, 2 pass, 3 s, w1"
    )


def test_the_table_counts_units_and_answers() -> None:
    units = [Unit("t", name, "p", {}, ()) for name in ("one", "two\x1b[2J", "three")]
    table = LiveTable(units, Console(file=io.StringIO(), width=80, force_terminal=False))
    table.set_state(units[0].id, "done")
    table.set_state(units[1].id, "running")
    table.set_answers(units[1].id, 42)
    table.console.print(table.table())
    text = table.console.file.getvalue()  # type: ignore[attr-defined]
    assert re.search(r"t/two_1B\S*/p +42 *\n", text)
    assert "1 done, 1 running, 1 waiting" in text
