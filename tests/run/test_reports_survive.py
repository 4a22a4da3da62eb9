"""Whatever fails around a run, the reports that can be written are, and the exit code says so."""

from __future__ import annotations

import errno
import json
import os
import re
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from harness.judge import judge
from harness.report import evidence, page_store
from harness.report.build import build_report
from harness.report.case_data import case_data
from harness.run import final_report, judged_case, outputs, session, transcript
from tests.support import pack_on_disk

ALL = {*outputs.RENDERERS, "report.html", "tests.html"}
SHIPPED = (*ALL, "transcript.jsonl")


def run(pack: Path, *words: str | Path) -> pack_on_disk.CommandResult:
    with pack_on_disk.gateway() as url:
        return pack_on_disk.run_against(url, pack, *words)


def failing(function: Callable[..., Any], fails: Callable[..., bool]) -> Callable[..., Any]:
    def call(*arguments: Any, **more: Any) -> Any:
        if fails(*arguments):
            raise KeyError(f"pack\n::error::{pack_on_disk.KEY}")
        return function(*arguments, **more)

    return call


def errors(result: pack_on_disk.CommandResult) -> list[str]:
    assert pack_on_disk.KEY not in result.out + result.err
    return [line for line in result.out.splitlines() if line.startswith("ERROR: ")]


def test_a_case_that_cannot_be_described_is_inconclusive_and_all_else_stands(
    tiny_pack: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    faulty = failing(case_data, lambda verdict, *rest: verdict.case.id == "seed")
    monkeypatch.setattr(judged_case, "case_data", faulty)
    result = run(tiny_pack)
    out = tiny_pack.parent / "out"
    [line] = errors(result)
    assert (result.code, result.err) == (3, "")
    assert line.startswith("ERROR: tiny/seed: internal error: KeyError: ")
    assert "Traceback" not in result.out
    assert pack_on_disk.outcomes(out) == {"answer": "pass", "seed": "inconclusive", "n": "pass"}
    [case] = [case for case in pack_on_disk.read_report(out)["cases"] if case["id"] == "seed"]
    assert (case["cause"], case["findings"]) == ("harness", [])
    assert pack_on_disk.KEY not in (out / "report.json").read_text("utf-8")
    again = pack_on_disk.harness("judge", out, "--out", out / "again")
    assert (again.code, again.err) == (0, "")
    assert pack_on_disk.outcomes(out / "again") == pack_on_disk.outcomes(out)
    assert {path.name for path in out.iterdir()} == {*SHIPPED, "again"}


def test_a_case_that_the_harness_failed_to_judge_is_undecided_when_it_is_judged_again(
    tiny_pack: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    faulty = failing(judge, lambda plan, *rest: plan.case.id == "seed")
    monkeypatch.setattr(session, "judge", faulty)
    assert run(tiny_pack).code == 3
    out = tiny_pack.parent / "out"
    again = pack_on_disk.harness("judge", out, "--out", out / "again")
    assert (again.code, again.err) == (0, "")
    assert pack_on_disk.outcomes(out / "again") == pack_on_disk.outcomes(out)


@pytest.mark.parametrize(
    ("module", "name", "lost"),
    [
        (outputs, "summary_markdown", "summary.md"),
        (outputs, "svg", "badge.svg"),
        (outputs, "ReportText", "report.json"),
    ],
)
def test_an_output_that_cannot_be_made_does_not_cost_the_others(
    tiny_pack: Path, monkeypatch: pytest.MonkeyPatch, module: Any, name: str, lost: str
) -> None:
    faulty = failing(getattr(module, name), lambda *arguments: True)
    monkeypatch.setattr(module, "RENDERERS", {**module.RENDERERS, lost: faulty})
    result = run(tiny_pack)
    out = tiny_pack.parent / "out"
    [line] = errors(result)
    assert (result.code, result.err) == (3, "")
    assert f"{lost}: internal error: KeyError" in line
    assert {path.name for path in out.iterdir()} == {*SHIPPED} - {lost}


def test_a_page_that_cannot_be_made_costs_only_the_part_of_its_case(
    tiny_pack: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    faulty = failing(evidence.case_evidence, lambda exchanges, case, *rest: case["id"] == "n")
    monkeypatch.setattr(page_store, "case_evidence", faulty)
    result = run(tiny_pack)
    out = tiny_pack.parent / "out"
    assert (result.code, result.err, len(errors(result))) == (3, "", 1)
    assert {path.name for path in out.iterdir()} == {*SHIPPED}
    assert "pass" in pack_on_disk.outcomes(out)["n"]


def test_a_report_that_cannot_be_built_leaves_the_transcript(
    tiny_pack: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    faulty = failing(build_report, lambda *arguments: True)
    monkeypatch.setattr(final_report, "build_report", faulty)
    result = run(tiny_pack)
    out = tiny_pack.parent / "out"
    assert (result.code, result.err, len(errors(result))) == (3, "", 1)
    assert pack_on_disk.harness("judge", out).code == 0


def test_a_transcript_that_cannot_begin_is_an_error_before_anything_is_sent(
    tiny_pack: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def write(self: transcript.Writer, record: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with pack_on_disk.gateway() as url:
        with monkeypatch.context() as patched:
            patched.setattr(transcript.Writer, "header", write)
            result = pack_on_disk.run_against(url, tiny_pack)
        assert (result.code, len(result.lines)) == (4, 1)
        assert pack_on_disk.run_against(url, tiny_pack, "--resume").code == 0


@pytest.mark.parametrize("place", ["exchange", "footer"])
def test_a_full_disk_stops_the_run_and_resume_continues_it(
    tiny_pack: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    whole, count = getattr(transcript.Writer, place), [0]

    def write(self: transcript.Writer, record: Any) -> None:
        count[0] += 1
        if count[0] > 8 or place == "footer":
            raise OSError(errno.ENOSPC, "No space left on device")
        whole(self, record)

    out = tiny_pack.parent / "out"
    with pack_on_disk.gateway() as url:
        with monkeypatch.context() as patched:
            patched.setattr(transcript.Writer, place, write)
            result = pack_on_disk.run_against(url, tiny_pack, "--concurrency=1")
        lines = [line for line in (result.out + result.err).splitlines() if "ERROR" in line]
        assert result.code == 3
        assert lines == [f"ERROR: cannot write {out / 'transcript.jsonl'}: No space left on device"]
        again = pack_on_disk.run_against(url, tiny_pack, "--concurrency=1", "--resume")
    assert (again.code, again.err) == (0, "")
    assert {*pack_on_disk.outcomes(out).values()} == {"pass"}


def limited(pack: Path, url: str, limit: Callable[[], None], **more: Any) -> Any:
    words = ("--model=builtin-1", "--api-key-env=TINY_KEY", "--pack", pack, "--out", "../out")
    # What measures the tests would meet the limit as well; either variable starts it.
    env = {"COVERAGE_PROCESS_START": "", "COVERAGE_PROCESS_CONFIG": ""}
    return pack_on_disk.run_process(
        "harness", "run", url, *words, preexec_fn=limit, env=env, **more
    )


@pytest.mark.parametrize("size", [2_000, 70_000])
def test_files_that_may_not_grow_end_in_one_line(tiny_pack: Path, size: int) -> None:
    """Each limit stops another file: the first test of the folder, the transcript, or a report."""
    limit = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))  # noqa: E731
    with pack_on_disk.gateway() as url:
        result = limited(tiny_pack, url, limit)
    lines = [line for line in (result.out + result.err).splitlines() if "ERROR" in line]
    assert result.code in (3, 4)
    assert lines
    assert all("File too large" in line for line in lines)
    assert "Traceback" not in result.out + result.err
    for path in (tiny_pack.parent / "out").iterdir():
        assert path.name in SHIPPED  # no temporary file is left
        if path.suffix == ".json":
            json.loads(path.read_text("utf-8"))


@pytest.mark.parametrize("redirect", [">&- 2>&- <&-", ">/dev/full", "| head -1"])
def test_output_that_goes_nowhere_changes_no_report(tiny_pack: Path, redirect: str) -> None:
    words = "--model=builtin-1 --api-key-env=TINY_KEY --pack ../tiny --out ../out"
    with pack_on_disk.gateway() as url:
        command = f"set -o pipefail; {sys.executable} -m harness run {url} {words} {redirect}"
        environment = {**os.environ, "PYTHONPATH": str(pack_on_disk.ROOT)}
        done = subprocess.run(
            ["bash", "-c", command], capture_output=True, text=True, env=environment, timeout=100
        )
    lines = [line for line in done.stderr.splitlines() if line]
    assert done.returncode == 0
    full = "ERROR: cannot write to the standard output: No space left on device"
    assert lines == ([full] if "full" in redirect else [])
    assert {*pack_on_disk.outcomes(tiny_pack.parent / "out").values()} == {"pass"}


@pytest.mark.parametrize("redirect", [">/dev/full", "| head -1"])
def test_a_list_that_is_lost_is_an_error_unless_it_has_no_reader(
    tiny_pack: Path, redirect: str
) -> None:
    command = f"set -o pipefail; {sys.executable} -m harness list --pack ../tiny {redirect}"
    environment = {**os.environ, "PYTHONPATH": str(pack_on_disk.ROOT)}
    done = subprocess.run(
        ["bash", "-c", command], capture_output=True, text=True, env=environment, timeout=100
    )
    assert done.returncode == (3 if "full" in redirect else 0)
    assert "Traceback" not in done.stderr


def test_signals_after_the_first_do_not_cost_the_reports(tiny_pack: Path) -> None:
    code = (
        "import os, signal, sys\n"
        "from harness.run import outputs\n"
        "write = outputs.write_whole\n"
        "def signalled(*arguments):\n"
        "    if arguments[0].name in ('report.json', 'badge.svg'):\n"
        "        os.kill(os.getpid(), getattr(signal, sys.argv[1]))\n"
        "    write(*arguments)\n"
        "outputs.write_whole = signalled\n"
        "from harness.cli import main\n"
        "main(sys.argv[2:])\n"
    )
    words = ["--model=builtin-1", "--api-key-env=TINY_KEY", "--pack", "../tiny", "--out", "../out"]
    environment = {**os.environ, "PYTHONPATH": str(pack_on_disk.ROOT)}
    for name in ("SIGINT", "SIGHUP"):
        with pack_on_disk.gateway() as url:
            done = subprocess.run(
                [
                    sys.executable,
                    "-c",
                    code,
                    name,
                    "run",
                    url,
                    *words,
                ],
                capture_output=True,
                text=True,
                env=environment,
                timeout=100,
                preexec_fn=pack_on_disk.restore_signals,
            )
        assert (done.returncode, done.stderr) == (2, ""), done.stdout
        assert {path.name for path in (tiny_pack.parent / "out").iterdir()} == {*SHIPPED}
        assert len(pack_on_disk.outcomes(tiny_pack.parent / "out")) == 3


@pytest.mark.parametrize("mebibytes", [40, 70, 85])
def test_too_little_memory_ends_in_one_line(tiny_pack: Path, mebibytes: int) -> None:
    """How far a command comes with a limit of its address space depends on the machine."""
    size = mebibytes * 1024 * 1024
    limit = lambda: resource.setrlimit(resource.RLIMIT_AS, (size, size))  # noqa: E731
    with pack_on_disk.gateway() as url:
        result = limited(tiny_pack, url, limit)
    text = result.out + result.err
    assert result.code in (0, 3)
    assert "Traceback" not in text
    assert result.code == 0 or [line for line in text.splitlines() if line.startswith("ERROR: ")]


def test_names_from_files_of_others_are_printed_without_commands(tiny_pack: Path) -> None:
    """Not on the terminal, and not in the outputs that a CI system or a person reads as text."""
    bad = '"\\e[31mred\\n::error::x\\n##[error]y\\u202e\\r"'
    text = pack_on_disk.PACK.replace("title: A pack of a few cases", f"title: {bad}")
    cases = pack_on_disk.CASES.replace("why: A question is answered.", f"why: {bad}")
    pack_on_disk.pack(tiny_pack, cases, text)
    out, target = tiny_pack.parent / "out", tiny_pack.parent / "target.yaml"
    with pack_on_disk.gateway(pack_on_disk.refuse_seed) as url:
        endpoint = f'{{openai: {{base_url: "{url}", model: builtin-1}}}}'
        lines = (f"name: {bad}", f"endpoints: {endpoint}", "packs: [openai-chat]")
        target.write_text("\n".join((*lines, "key_env: TINY_KEY")), "utf-8")
        first = pack_on_disk.run(tiny_pack, target=str(target))
    printed = [("run", first)]
    for words in (("list", "--pack", tiny_pack), ("judge", out), ("diff", out, out)):
        printed.append((str(words[0]), pack_on_disk.harness(*words)))
    for name, result in printed:
        text = result.out + result.err
        assert not re.search(r"^\s*::|##\[", text, re.MULTILINE), (name, text)
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e]", text), (name, text)
    assert first.code == 1
