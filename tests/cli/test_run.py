"""`harness run`: output files, exit codes and error messages."""

from __future__ import annotations

import json
import os
import signal
import threading
from pathlib import Path
from xml.etree import ElementTree

import pytest

from harness.run import outputs
from harness.util import interruption
from tests.support import pack_on_disk

OUTPUT_FILES = {
    "badge.svg",
    "badge.json",
    "code-quality.json",
    "junit.xml",
    "report.html",
    "report.json",
    "report.sarif",
    "summary.md",
    "table.md",
    "tests.html",
    "transcript.jsonl",
}


def test_run_against_the_reference_gateway_writes_every_report(tiny_pack: Path) -> None:
    result = pack_on_disk.run(tiny_pack)
    out = tiny_pack.parent / "out"
    assert (result.code, result.err) == (0, "")
    assert {path.name for path in out.iterdir()} == OUTPUT_FILES
    report = pack_on_disk.read_report(out)
    assert report["result"] == "conformant"
    assert pack_on_disk.outcomes(out) == {"answer": "pass", "seed": "pass", "n": "pass"}
    assert [case["reason"] for case in report["not_selected"]] == ["opt-in: --feature limits"]
    assert "conformant to tiny 1.2.3" in result.out
    lines = [
        json.loads(line) for line in (out / "transcript.jsonl").read_text("utf-8").splitlines()
    ]
    assert [*lines[0], *lines[-1]] == ["header", "footer"]
    assert lines[-1]["footer"]["requests"] == report["requests"] == len(lines) - 2
    suite = ElementTree.parse(out / "junit.xml").getroot()[0]
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("3", "0", "0")


def test_run_against_a_url_records_the_target_and_the_command(tiny_pack: Path) -> None:
    with pack_on_disk.gateway() as url:
        result = pack_on_disk.run_against(url, tiny_pack)
    report = pack_on_disk.read_report(tiny_pack.parent / "out")
    assert result.code == 0
    assert report["target"] == {
        "name": url.removeprefix("http://").removesuffix("/v1"),
        "base_url": url,
        "model": "builtin-1",
        "key_env": "TINY_KEY",
        "fronts": [{"protocol": "openai", "base_url": url, "model": "builtin-1"}],
    }
    assert report["command"].startswith(f"harness run {url} --pack ")
    assert report["command"].endswith("--model builtin-1 --api-key-env TINY_KEY")


GOOD = pack_on_disk.correct_gateway()


def test_failed_case_exits_with_1_and_is_printed(tiny_pack: Path) -> None:
    with pack_on_disk.gateway(pack_on_disk.refuse_seed) as url:
        result = pack_on_disk.run_against(url, tiny_pack)
    assert result.code == 1
    assert pack_on_disk.outcomes(tiny_pack.parent / "out")["seed"] == "fail"
    assert "✗ A request about `seed` is refused with 400" in result.out
    assert "\n  harness explain tiny/seed\n" in result.out
    suite = ElementTree.parse(tiny_pack.parent / "out/junit.xml").getroot()[0]
    assert (suite.get("failures"), suite.get("errors")) == ("1", "0")


def test_only_selected_cases_are_sent(tiny_pack: Path) -> None:
    with pack_on_disk.gateway() as url:
        result = pack_on_disk.run_against(url, tiny_pack, "--case", "n", "--case", "tiny/answer")
    assert result.code == 0
    assert set(pack_on_disk.outcomes(tiny_pack.parent / "out")) == {"n", "answer"}
    report = pack_on_disk.read_report(tiny_pack.parent / "out")
    assert report["selection"] == {"cases": ["n", "tiny/answer"]}
    assert {case["reason"] for case in report["not_selected"]} == {"not among --case"}
    assert report["result"] == "partial"


def test_opt_in_feature_is_tested_if_selected(tiny_pack: Path) -> None:
    with pack_on_disk.gateway() as url:
        pack_on_disk.run_against(url, tiny_pack, "--feature", "limits")
    assert pack_on_disk.outcomes(tiny_pack.parent / "out")["burst"] == "pass"


def test_keyword_selects_cases_as_in_pytest(tiny_pack: Path) -> None:
    with pack_on_disk.gateway() as url:
        assert pack_on_disk.run_against(url, tiny_pack, "-k", "ignored or exactly").code == 0
    assert set(pack_on_disk.outcomes(tiny_pack.parent / "out")) == {"seed", "n"}
    assert pack_on_disk.read_report(tiny_pack.parent / "out")["selection"] == {
        "keyword": "ignored or exactly"
    }


def test_partial_run_succeeds_unless_conformant_is_required(tiny_pack: Path) -> None:
    with pack_on_disk.gateway() as url:
        assert pack_on_disk.run_against(url, tiny_pack, "--case", "n").code == 0
        assert (
            pack_on_disk.run_against(url, tiny_pack, "--case", "n", "--require", "conformant").code
            == 1
        )
        assert pack_on_disk.run_against(url, tiny_pack, "--require", "conformant").code == 0


WARNS = pack_on_disk.CASES.replace("expect: {body", "should: {body").replace(
    "const: ready", "const: other"
)


def test_warning_fails_the_run_only_with_fail_on_warn(tiny_pack: Path) -> None:
    pack_on_disk.pack(tiny_pack, WARNS)
    with pack_on_disk.gateway() as url:
        assert pack_on_disk.run_against(url, tiny_pack, "--case", "answer").code == 0
        assert pack_on_disk.outcomes(tiny_pack.parent / "out") == {"answer": "warn"}
        assert (
            pack_on_disk.run_against(url, tiny_pack, "--case", "answer", "--fail-on", "warn").code
            == 1
        )


UNSURE = pack_on_disk.CASES.replace("expect: {body", "assume: {body").replace(
    "const: ready", "const: other"
)


@pytest.mark.parametrize(
    ("options", "code"),
    [((), 0), (("--fail-on", "inconclusive"), 1), (("--fail-on", "warn"), 1)],
)
def test_inconclusive_case_fails_the_run_only_if_requested(
    tiny_pack: Path, options: tuple[str, ...], code: int
) -> None:
    pack_on_disk.pack(tiny_pack, UNSURE)
    with pack_on_disk.gateway() as url:
        result = pack_on_disk.run_against(url, tiny_pack, "--case", "answer", *options)
    assert pack_on_disk.outcomes(tiny_pack.parent / "out") == {"answer": "inconclusive"}
    assert result.code == code
    assert ("only with --fail-on inconclusive" in result.out) == (code == 0)
    again = pack_on_disk.harness("judge", tiny_pack.parent / "out", *options)
    assert again.code == code
    assert ("only with --fail-on inconclusive" in again.out) == (code == 0)


def test_extended_packs_are_run_as_well(tiny_pack: Path) -> None:
    child = pack_on_disk.PACK.replace("id: tiny", "id: child").replace(
        "answers:", "extends: [tiny]\nanswers:"
    )
    cases = "pack: child\ncases: [{id: own, row: own, behaviour: supported, modes: [plain]}]\n"
    folder = pack_on_disk.pack(tiny_pack.parent / "child", cases, child)
    with pack_on_disk.gateway() as url:
        assert pack_on_disk.run_against(url, folder).code == 0
    report = pack_on_disk.read_report(tiny_pack.parent / "out")
    assert [pack["id"] for pack in report["packs"]] == ["tiny", "child"]
    assert set(pack_on_disk.outcomes(tiny_pack.parent / "out")) == {"answer", "seed", "n", "own"}


EARLIER = {name: f"earlier {name}" for name in OUTPUT_FILES}


def write_earlier_reports(pack: Path) -> Path:
    out = pack.parent / "out"
    out.mkdir()
    for name, text in EARLIER.items():
        (out / name).write_text(text, "utf-8")
    return out


def texts_in(out: Path) -> dict[str, str]:
    return {path.name: path.read_text("utf-8") for path in out.iterdir()}


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["--case", "sed"], 4, "no case `sed`; did you mean `seed`?"),
        (["--case", "zzzzz"], 4, "no case `zzzzz`; `harness list` shows all"),
        (["--feature", "nope"], 4, "no feature `nope`; these packs have core, limits, vision"),
        (["--pack", "nope"], 4, "no pack `nope`; there are anthropic-messages, "),
        (["--header", "no colon"], 4, "a header is NAME:VALUE"),
        (["--header", "a b: c"], 4, "a header is NAME:VALUE"),
        (["--header", "a: b\nc"], 4, "the header a holds a character that no header can"),
        (["--modle", "x"], 4, "No such option"),
        (["--tier", "pro"], 4, "the target builtin has no tier `pro`; the file has no tiers"),
        (["--tpm", "0"], 4, "Invalid value for '--tpm'"),
        (["--tpm", "inf"], 4, "--tpm takes a number above 0"),
        (["--concurrency", "0"], 4, "Invalid value for '--concurrency'"),
        (["--timeout", "never"], 4, "Invalid value for '--timeout'"),
        (["--timeout", "nan"], 4, "--timeout takes a number above 0"),
        (["-k", "(("], 4, "Wrong expression passed to '-k'"),
        (["one", "two"], 4, "Got unexpected extra argument"),
    ],
)
def test_invalid_option_is_one_line_and_earlier_reports_stay(
    tiny_pack: Path, words: list[str], code: int, message: str
) -> None:
    out = write_earlier_reports(tiny_pack)
    result = pack_on_disk.run(tiny_pack, *words)
    assert result.code == code
    assert len(result.lines) == 1
    assert result.lines[0].startswith("ERROR: ")
    assert message in result.lines[0]
    assert texts_in(out) == EARLIER


def test_keyword_without_a_match_exits_with_5(tiny_pack: Path) -> None:
    out = write_earlier_reports(tiny_pack)
    result = pack_on_disk.run(tiny_pack, "-k", "zzzzz")
    assert result.code == 5
    assert "nothing is selected; `harness list` shows the cases" in result.out
    assert texts_in(out) == EARLIER


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("nope", "no target `nope`; there are anthropic-openai, builtin"),
        ("http://", "`http://` is not a base URL"),
        ("ftp://host/v1", "`ftp://host/v1` is not a base URL"),
        ("http://[::1/v1", "`http://[::1/v1` is not a URL"),
        ("http://host:99999/v1", "`http://host:99999/v1` is not a URL"),
        ("http://h\x01st/v1", "is not a base URL: Invalid non-printable"),
        ("http://u:secret-pass@h:99999", "`h:99999` is not a URL"),
    ],
)
def test_invalid_target_is_reported_in_one_line(tiny_pack: Path, target: str, message: str) -> None:
    out = write_earlier_reports(tiny_pack)
    result = pack_on_disk.run_against(target, tiny_pack)
    assert (result.code, len(result.lines)) == (4, 1)
    assert message in result.lines[0]
    assert "secret-pass" not in result.err
    assert texts_in(out) == EARLIER


def test_url_needs_a_model(tiny_pack: Path) -> None:
    result = pack_on_disk.run(tiny_pack, target="http://127.0.0.1:9/v1")
    assert result.code == 4
    assert result.lines == ["ERROR: the openai endpoint needs a model: give --model NAME"]


@pytest.mark.parametrize(
    ("value", "message"),
    [("", "is not set"), ("a b", "has no valid key"), ("x" * 8_193, "has no valid key")],
)
def test_invalid_key_is_reported_in_one_line(
    tiny_pack: Path, monkeypatch: pytest.MonkeyPatch, value: str, message: str
) -> None:
    monkeypatch.setenv("TINY_KEY", value)
    result = pack_on_disk.run_against("http://127.0.0.1:9/v1", tiny_pack)
    assert (result.code, len(result.lines)) == (4, 1)
    assert f"the environment variable TINY_KEY {message}" in result.lines[0]


def test_key_in_place_of_a_variable_is_not_printed(tiny_pack: Path) -> None:
    result = pack_on_disk.run(
        tiny_pack, "--model=m", "--api-key-env=sk-1234567890", target="http://127.0.0.1:9/v1"
    )
    assert result.code == 4
    assert result.lines == [
        "ERROR: --api-key-env takes the name of an environment variable, not a key"
    ]


def test_line_break_after_a_key_is_ignored(
    tiny_pack: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TINY_KEY", f"{pack_on_disk.KEY}\n")
    with pack_on_disk.gateway() as url:
        assert pack_on_disk.run_against(url, tiny_pack).code == 0


def test_every_mistake_of_an_invalid_case_file_is_reported(tiny_pack: Path) -> None:
    out = write_earlier_reports(tiny_pack)
    text = pack_on_disk.CASES.replace("behaviour: exactly", "behavior: exactly").replace("7]", "7")
    (tiny_pack / "more.yaml").write_text("pack: other\ncases: [{id: x}]\n", "utf-8")
    (tiny_pack / "cases.yaml").write_text(text, "utf-8")
    result = pack_on_disk.run(tiny_pack)
    assert result.code == 4
    assert len(result.lines) >= 2
    assert all(".yaml:" in line for line in result.lines)
    assert texts_in(out) == EARLIER


@pytest.mark.parametrize("text", ["extends: [tiny]\n", "extends: 7\n", "- 1\n", "\x00", "a: [\n"])
def test_mistake_in_a_pack_file_is_reported_with_its_position(tiny_pack: Path, text: str) -> None:
    (tiny_pack / "pack.yaml").write_text(
        pack_on_disk.PACK + text if text.startswith("e") else text, "utf-8"
    )
    result = pack_on_disk.run(tiny_pack)
    assert result.code == 4
    assert "pack.yaml:" in result.lines[0]


def test_output_folder_that_is_not_writable_is_reported_before_the_run(tiny_pack: Path) -> None:
    (tiny_pack.parent / "file").write_text("", "utf-8")
    result = pack_on_disk.run(tiny_pack, out=tiny_pack.parent / "file/out")
    assert result.code == 4
    assert result.lines == [
        f"ERROR: cannot write to --out {tiny_pack.parent}/file/out: Not a directory"
    ]
    out = tiny_pack.parent / "out"
    (out / "report.json").mkdir(parents=True)
    result = pack_on_disk.run(tiny_pack)
    assert result.lines == [
        f"ERROR: cannot write to --out {out}: report.json there is not writable"
    ]
    assert [path.name for path in out.iterdir()] == ["report.json"]
    (out / "report.json").rmdir()
    (out / "transcript.jsonl").symlink_to("../file")
    result = pack_on_disk.run(tiny_pack)
    message = f"cannot write to --out {out}: transcript.jsonl is a link that leads out"
    assert (result.code, result.lines) == (4, [f"ERROR: {message}"])


def test_full_disk_exits_with_3(tiny_pack: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(report: object) -> str:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(outputs, "RENDERERS", {"report.json": full})
    with pack_on_disk.gateway() as url:
        result = pack_on_disk.run_against(url, tiny_pack)
    assert result.code == 3
    assert "out: report.json: No space left on device" in result.out


def test_pytest_settings_of_the_folder_and_environment_are_ignored(
    tiny_pack: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Configuration files, conftest.py and environment variables of pytest are not read."""
    here = Path.cwd()
    (here / "pytest.ini").write_text("[pytest]\naddopts = --no-such-option\n", "utf-8")
    (here / "conftest.py").write_text("raise SystemError('conftest was read')\n", "utf-8")
    (tiny_pack / "conftest.py").write_text("raise SystemError('conftest was read')\n", "utf-8")
    monkeypatch.setenv("PYTEST_ADDOPTS", "--neither-this")
    monkeypatch.setenv("PYTEST_PLUGINS", "no_such_plugin")
    with pack_on_disk.gateway() as url:
        result = pack_on_disk.run_against(url, tiny_pack)
    assert (result.code, result.err) == (0, "")
    assert os.environ["PYTEST_ADDOPTS"] == "--neither-this"
    assert "PYTEST_DISABLE_PLUGIN_AUTOLOAD" not in os.environ


def test_pack_can_extend_a_shipped_pack(tiny_pack: Path) -> None:
    child = pack_on_disk.PACK.replace("id: tiny", "id: child") + "extends: [openai-chat]\n"
    (tiny_pack / "pack.yaml").write_text(child, "utf-8")
    own = "pack: child\ncases: [{id: own, row: own, behaviour: supported, modes: [plain]}]\n"
    rows = "rows: [{id: own, path: own, location: request, behaviour: supported}]\n"
    (tiny_pack / "cases.yaml").write_text(own, "utf-8")
    (tiny_pack / "rows.yaml").write_text(rows, "utf-8")
    with pack_on_disk.gateway() as url:
        result = pack_on_disk.run_against(url, tiny_pack, "--case", "own", "--case", "models.list")
    assert result.code == 0
    report = pack_on_disk.read_report(tiny_pack.parent / "out")
    assert [case["pack"] for case in report["cases"]] == ["openai-chat", "child"]


def test_run_outside_the_main_thread_does_not_change_signal_handlers() -> None:
    before = signal.getsignal(signal.SIGTERM)
    handlers: list[object] = []

    def observe() -> None:
        with interruption.signals_interrupt():
            handlers.append(signal.getsignal(signal.SIGTERM))

    thread = threading.Thread(target=observe)
    thread.start()
    thread.join(10)
    with interruption.signals_interrupt():
        handlers.append(signal.getsignal(signal.SIGTERM))
    assert handlers == [before, interruption.handle]
    assert signal.getsignal(signal.SIGTERM) == before


def test_junit_class_name_of_a_shipped_pack_is_relative_to_the_project(tiny_pack: Path) -> None:
    out = tiny_pack.parent / "out"
    with pack_on_disk.gateway() as url:
        given = ["--model", "builtin-1", "--api-key-env", "TINY_KEY", "--case", "models.list"]
        assert pack_on_disk.harness("run", url, "--out", out, *given).code == 0
    suite = ElementTree.parse(out / "junit.xml").getroot()[0]
    assert suite[0].get("classname") == "cases.openai-chat.models.yaml"


def test_feature_that_a_pack_of_the_run_excludes_is_not_left_out_silently(tmp_path: Path) -> None:
    words = ("run", "--pack", "openai-compat", "--feature", "client.zed", "--out", tmp_path)
    result = pack_on_disk.harness(*words)
    message = "openai-compat excludes the feature `client.zed`; run it with --pack openai-chat"
    assert (result.code, result.lines) == (4, [f"ERROR: {message}"])
    assert [*tmp_path.iterdir()] == []
