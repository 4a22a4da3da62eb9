"""With `pytest -n 2` one process runs the cases and writes one report and one transcript."""

from __future__ import annotations

from pathlib import Path

from harness.run import outputs, transcript
from tests.support import pack_on_disk
from tests.support.plugins import NO_AUTOLOAD, PLUGIN_ARGS

ARGS = [*PLUGIN_ARGS, "-p", "no:cacheprovider", "-n", "2"]
REPORTS = [
    *("--llm-out=out", "--html=out/tests.html", "--self-contained-html", "--junitxml=out/j.xml")
]


def run_distributed(*words: str | Path) -> pack_on_disk.CommandResult:
    return pack_on_disk.run_process("pytest", *ARGS, *words, env=NO_AUTOLOAD)


def test_distributed_run_writes_one_report_and_one_transcript(tiny_pack: Path) -> None:
    result = run_distributed(tiny_pack, *REPORTS)
    assert (result.code, result.err) == (0, "")
    assert "3 passed" in result.out
    assert "-n: one process ran everything" in result.out
    report = pack_on_disk.read_report(Path("out"))
    assert [case["id"] for case in report["cases"]] == ["answer", "seed", "n"]
    _, exchanges, footer = transcript.read(Path("out/transcript.jsonl"))
    assert footer is not None
    assert report["requests"] == footer["requests"] == len(exchanges)
    written = {path.name for path in Path("out").iterdir()}
    assert {"j.xml", "tests.html"} | {*outputs.RENDERERS} < written
    assert {"report.html", "transcript.jsonl"} < written


def test_error_is_reported_once_and_earlier_reports_stay(tiny_pack: Path) -> None:
    out = Path("out")
    out.mkdir()
    for name in ("report.json", "j.xml", "report.html", "tests.html"):
        (out / name).write_text("from before", "utf-8")
    url = "http://127.0.0.1:1/v1"
    options = ["--llm-target", url, "--llm-model=m", "--llm-api-key-env=TINY_KEY"]
    result = run_distributed(tiny_pack, *options, *REPORTS)
    assert result.code == 4
    assert result.lines == [f"ERROR: cannot reach {url}: Connection refused"]
    assert {path.read_text("utf-8") for path in out.iterdir()} == {"from before"}


def test_tests_without_cases_stay_distributed(tmp_path: Path) -> None:
    (tmp_path / "test_own.py").write_text(
        "def test_own(worker_id):\n    assert worker_id == 'gw0'\n"
    )
    result = pack_on_disk.run_process("pytest", *ARGS[:-1], "1", tmp_path, env=NO_AUTOLOAD)
    assert "1 passed" in result.out
