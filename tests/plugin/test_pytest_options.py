"""`pytest cases/`: its options do what they do elsewhere, and one item is one case."""

from __future__ import annotations

import re
from importlib import metadata
from pathlib import Path
from types import SimpleNamespace
from typing import cast
from xml.etree import ElementTree

import pytest

from harness.plugin.files import is_stray
from harness.plugin.items import CaseItem
from harness.run import facts
from tests.support import pack_on_disk, tests_html


@pytest.fixture
def address(tiny_pack: Path) -> object:
    with pack_on_disk.gateway() as url:
        yield url


def run_cases(url: str, *words: str | Path) -> pack_on_disk.CommandResult:
    options = ["--llm-target", url, "--llm-model", "builtin-1", "--llm-api-key-env", "TINY_KEY"]
    return pack_on_disk.run_pytest(*options, *words)


def items(result: pack_on_disk.CommandResult) -> list[str]:
    """Return `id outcome` for each item, in the order of the lines of -v."""
    matches = re.findall(r"cases\.yaml::(\S+) (\w+)", result.out)
    return [f"{name} {outcome}" for name, outcome in matches]


def test_each_case_is_one_item_in_the_order_of_the_file(address: str, tiny_pack: Path) -> None:
    result = run_cases(address, tiny_pack, "-v")
    assert result.code == 0
    assert items(result) == ["answer PASSED", "seed PASSED", "n PASSED"]
    assert "3 passed, 1 deselected" in result.out
    assert "conformant to tiny 1.2.3" in result.out


def test_file_or_node_id_selects_cases(address: str, tiny_pack: Path) -> None:
    (tiny_pack / "more.yaml").write_text(
        "pack: tiny\ncases: [{id: more, row: n, behaviour: supported, modes: [plain]}]\n", "utf-8"
    )
    assert items(run_cases(address, tiny_pack / "cases.yaml", "-v"))[0] == "answer PASSED"
    assert items(run_cases(address, f"{tiny_pack}/cases.yaml::n", "-v")) == ["n PASSED"]
    result = run_cases(address, f"{tiny_pack}/cases.yaml::unknown")
    assert result.code == 4
    assert "not found" in result.err


@pytest.mark.parametrize(
    ("words", "chosen"),
    [
        (["-k", "seed"], ["seed"]),
        (["-k", "not seed and core"], ["answer", "n"]),
        (["-k", "tiny"], ["answer", "seed", "n"]),
        (["-m", "ignored"], ["seed"]),
        (["-m", "ignored or exactly"], ["seed", "n"]),
        (["-m", "llm"], ["answer", "seed", "n"]),
        (["--llm-case", "n"], ["n"]),
        (["--deselect", "{}/cases.yaml::n"], ["answer", "seed"]),
    ],
)
def test_pytest_selection_options_select_cases(
    address: str, tiny_pack: Path, words: list[str], chosen: list[str]
) -> None:
    options = [word.format(str(tiny_pack)[1:]) for word in words]
    result = run_cases(
        address, tiny_pack, "-v", "--strict-markers", f"--rootdir={Path('/')}", *options
    )
    assert [item.split()[0] for item in items(result)] == chosen
    assert result.code == 0


def test_collecting_only_sends_nothing(tiny_pack: Path) -> None:
    requests: list[object] = []

    def respond(request: object) -> pack_on_disk.Reply:
        requests.append(request)
        return pack_on_disk.error(500, "never")

    with pack_on_disk.gateway(respond) as url:
        result = run_cases(url, tiny_pack, "--collect-only", "-q", "--llm-out", "out")
    assert result.code == 0
    assert re.findall(r"::(\S+)", result.out) == ["answer", "seed", "n"]
    assert requests == []
    assert not Path("out").exists()


def refuse_seed(request: object) -> pack_on_disk.Reply:
    body = request["body"]  # type: ignore[index]
    return pack_on_disk.error(400, "no") if b"seed" in body else GOOD(request)  # type: ignore[arg-type]


GOOD = pack_on_disk.correct_gateway()


def test_option_x_stops_after_the_first_failure(tiny_pack: Path) -> None:
    with pack_on_disk.gateway(refuse_seed) as url:
        result = run_cases(url, tiny_pack, "-v", "-x", "--llm-out", "out")
    assert result.code == 1
    assert items(result) == ["answer PASSED", "seed FAILED"]
    report = pack_on_disk.read_report(Path("out"))
    assert [case["id"] for case in report["cases"]] == ["answer", "seed"]
    reasons = {case["id"]: case["reason"] for case in report["not_selected"]}
    assert reasons["n"] == "not judged: stopping after 1 failures"
    assert report["reasons"] == ["stopping after 1 failures"]


def test_option_lf_repeats_the_failed_cases(tiny_pack: Path) -> None:
    cache_options = ["-p", "cacheprovider", "-o", "cache_dir=cache"]
    with pack_on_disk.gateway(refuse_seed) as url:
        assert run_cases(url, tiny_pack, *cache_options).code == 1
        result = run_cases(url, tiny_pack, "-v", "--lf", *cache_options)
    assert items(result) == ["seed FAILED"]


def test_failure_prints_the_reason_of_the_case_and_the_finding(tiny_pack: Path) -> None:
    pack_on_disk.pack(tiny_pack, pack_on_disk.CASES.replace("const: ready", 'const: "else"'))
    with pack_on_disk.gateway() as url:
        result = run_cases(url, tiny_pack, "--llm-case", "answer")
    assert "A question is answered.\nmust body $.choices[0].message.content: " in result.out
    assert 'expected: should be "else"; got: "ready"' in result.out
    assert "cases.yaml:8:" in result.out


ANSI = "\x1b[31m"
HOSTILE = f"{ANSI}one\r\n::error::two\u202e\x01"


def hostile(request: object) -> pack_on_disk.Reply:
    return pack_on_disk.error(400, HOSTILE, ("x-a", "b"))


def test_control_characters_of_a_target_do_not_reach_the_terminal(tiny_pack: Path) -> None:
    text = pack_on_disk.CASES.replace("const: ready", 'const: "else"')
    pack_on_disk.pack(
        tiny_pack, text.replace("- id: seed", "- id: seed\n    request: {body: {seed: 1}}")
    )

    def respond(request: object) -> pack_on_disk.Reply:
        body = request["body"]  # type: ignore[index]
        return pack_on_disk.error(400, HOSTILE) if b"seed" in body else GOOD(request)  # type: ignore[arg-type]

    with pack_on_disk.gateway(respond) as url:
        result = run_cases(url, tiny_pack, "--color=no")
    assert result.code == 1
    for wrong in ("\x1b", "\x01", "\u202e", "\n::error::"):
        assert wrong not in result.out


def test_every_outcome_has_its_word_and_its_element_in_junit(tiny_pack: Path) -> None:
    cases = """
pack: tiny
cases:
  - {id: good, row: a, modes: [plain]}
  - {id: warn, row: a, modes: [plain], should: {body: {$.none: 1}}}
  - {id: fail, row: a, modes: [plain], expect: {body: {$.none: 1}}}
  - {id: unsure, row: a, modes: [plain], assume: {body: {$.none: 1}}}
  - {id: vision, row: a, modes: [plain], feature: vision}
"""
    pack_on_disk.pack(tiny_pack, cases)
    target = tiny_pack.parent / "target.yaml"
    with pack_on_disk.gateway() as url:
        target.write_text(
            f"name: t\npacks: [tiny]\nlacks: [vision]\nkey_env: TINY_KEY\n"
            f"endpoints: {{openai: {{base_url: {url}, model: builtin-1}}}}\n",
            "utf-8",
        )
        words: list[str | Path] = [
            "--llm-target",
            target,
            tiny_pack,
            "--junitxml=j.xml",
            "-v",
            "--llm-out=out",
        ]
        result = pack_on_disk.run_pytest(*words)
    assert result.code == 1
    assert items(result) == [
        *("good PASSED", "warn WARN", "fail FAILED", "unsure INCONCLUSIVE", "vision SKIPPED")
    ]
    for count in ("1 failed", "1 passed", "1 skipped", "1 warned", "1 inconclusive"):
        assert count in result.out
    suite = ElementTree.parse("j.xml").getroot()[0]
    kinds = {
        case.get("name"): [kind.tag for kind in case if kind.tag != "properties"] for case in suite
    }
    assert kinds == {
        "good": [],
        "warn": [],
        "fail": ["failure"],
        "unsure": ["skipped"],
        "vision": ["skipped"],
    }
    properties = {
        case.get("name"): {p.get("name"): p.get("value") for p in case.iter("property")}
        for case in suite
    }
    assert properties["warn"]["outcome"] == "warn"
    assert pack_on_disk.outcomes(Path("out"))["unsure"] == "inconclusive"


def test_page_of_pytest_html_has_a_light_row_for_each_case(address: str, tiny_pack: Path) -> None:
    more = ("--html=pages/tests.html", "--self-contained-html", "--llm-out=out")
    assert run_cases(address, tiny_pack, *more).code == 0
    tests = tests_html.read(Path("pages/tests.html"))
    assert [*tests] == ["answer", "seed", "n"]
    row, text = tests["seed"], Path("pages/tests.html").read_text("utf-8")
    assert (row["result"], row["outcome"], row["evidence"]) == ("Passed", "pass", "differential")
    assert row["links"] == ["../out/report.html#case=tiny/seed"]
    assert row["log"] == ""
    assert "messages" not in text  # nothing of the requests and answers
    seconds = {
        case["id"]: case["seconds"] for case in pack_on_disk.read_report(Path("out"))["cases"]
    }
    assert {name: row["duration"] for name, row in tests.items()} == {
        name: f"{round(seconds[name] * 1000)} ms" for name in tests
    }
    assert all(seconds.values())


def test_page_of_pytest_html_has_the_reason_of_a_failure(tiny_pack: Path) -> None:
    cases = tiny_pack / "cases.yaml"
    text = cases.read_text("utf-8").replace(
        "    row: seed\n", "    row: seed\n    why: <b>Why</b>\n"
    )
    cases.write_text(text, "utf-8")
    with pack_on_disk.gateway(pack_on_disk.refuse_seed) as url:
        assert run_cases(url, tiny_pack, "--html=t.html", "--llm-out=out").code == 1
    row = tests_html.read(Path("t.html"))["seed"]
    assert row["result"] == "Failed"
    failure = "status: expected: an answer (2xx); got: 400: &quot;no seed, please&quot;"
    assert row["log"].split("\n") == ["&lt;b&gt;Why&lt;/b&gt;", failure]


def test_page_of_pytest_html_cannot_replace_the_report(address: str, tiny_pack: Path) -> None:
    result = run_cases(address, tiny_pack, "--html=out/report.html", "--llm-out=out")
    assert result.code == 4
    assert "out/report.html: the report is written there; use tests.html" in result.err


def test_page_of_pytest_html_has_no_links_without_a_report(address: str, tiny_pack: Path) -> None:
    assert run_cases(address, tiny_pack, "--html=page.html", "--self-contained-html").code == 0
    assert [row["links"] for row in tests_html.read(Path("page.html")).values()] == [[], [], []]


def test_behaviours_are_markers() -> None:
    result = pack_on_disk.run_pytest("--markers")
    assert "@pytest.mark.ignored: " in result.out
    assert "@pytest.mark.llm(pack, row, feature): " in result.out


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--llm-bogus"], "unrecognized arguments: --llm-bogus"),
        (["--llm-timeout=0"], "--llm-timeout takes a number above 0"),
        (["--llm-rpm=-1"], "--llm-rpm takes a number above 0"),
        (["--llm-concurrency=-1"], "--llm-concurrency takes a number from 1 on"),
        (["--llm-repeat=1001"], "--llm-repeat takes a number up to 1,000"),
        (["--llm-model=a\x1b[2J"], "--llm-model takes up to 1000 printable characters"),
        (["--llm-model=\udcff"], "--llm-model takes up to 1000 printable characters"),
        (["-k", "x\x1b[2J"], "unexpected character"),
        (["-k", "not " * 9_999 + "x"], "an expression is nested too deeply"),
        (["--llm-header=x"], "a header is NAME:VALUE"),
        (["--llm-target=nope"], "no target `nope`"),
        (["--llm-case=nope"], "no case `nope`"),
        (["--llm-pack=nope"], "no pack `nope`"),
        (["--llm-feature=nope"], "no feature `nope`"),
        (["--llm-out=pack.yaml/x"], "cannot write to --out"),
    ],
)
def test_invalid_option_exits_with_4(tiny_pack: Path, words: list[str], message: str) -> None:
    Path("pack.yaml").write_text("", "utf-8")
    result = pack_on_disk.run_pytest(tiny_pack, "--junitxml=j.xml", *words)
    assert result.code == 4
    assert message in result.err
    assert "\x1b[2J" not in result.err
    assert not Path("j.xml").exists()


def test_case_file_outside_a_pack_exits_with_4(tiny_pack: Path) -> None:
    Path("stray.yaml").write_text(pack_on_disk.CASES, "utf-8")
    result = pack_on_disk.run_pytest("stray.yaml")
    assert (result.code, len(result.lines)) == (4, 1)
    assert result.lines[0].endswith(
        "stray.yaml lies in no pack: put it, as .yaml, beside a pack.yaml"
    )
    (tiny_pack / "cases.yaml").rename(tiny_pack / "cases.yml")
    result = pack_on_disk.run_pytest(tiny_pack / "cases.yml")
    assert result.lines[0].endswith(
        "cases.yml lies in no pack: put it, as .yaml, beside a pack.yaml"
    )


def test_other_yaml_file_is_left_to_pytest(tiny_pack: Path) -> None:
    Path("other.yaml").write_text("a: 1\n", "utf-8")
    result = pack_on_disk.run_pytest("other.yaml")
    assert result.code == 4
    assert "not found" in result.err
    assert "pack" not in result.err


def test_missing_file_is_left_to_pytest(tiny_pack: Path) -> None:
    config = SimpleNamespace(invocation_params=SimpleNamespace(dir=tiny_pack), args=["gone.yaml"])
    assert not is_stray(tiny_pack.resolve() / "gone.yaml", cast(pytest.Config, config))


def test_invalid_case_file_exits_with_4_and_lists_every_mistake(tiny_pack: Path) -> None:
    (tiny_pack / "cases.yaml").write_text("cases: [{id: x}, {id: y}]\n", "utf-8")
    result = pack_on_disk.run_pytest(tiny_pack)
    assert result.code == 4
    assert len([line for line in result.lines if "cases.yaml:1:" in line]) >= 2


def test_empty_selection_exits_with_5(address: str, tiny_pack: Path) -> None:
    result = run_cases(address, tiny_pack, "-k", "zzzzz")
    assert result.code == 5
    assert "nothing is selected; `harness list` shows the cases" in result.out


def test_folder_of_packs_selects_only_the_packs_of_the_target(
    address: str, tiny_pack: Path
) -> None:
    """The target selects the packs of a common folder; the others are reported as left out."""
    result = run_cases(address, tiny_pack.parent)
    assert result.code == 5
    assert (
        f"{tiny_pack.name} is a pack that is not among openai-chat: --llm-pack FOLDER" in result.out
    )
    assert run_cases(address, tiny_pack.parent, "--llm-pack", tiny_pack).code == 0
    assert run_cases(address, tiny_pack.parent, tiny_pack).code == 0


def test_cases_and_tests_run_together(address: str, tiny_pack: Path) -> None:
    Path("test_own.py").write_text("def test_own():\n    pass\n", "utf-8")
    result = run_cases(address, tiny_pack, "test_own.py")
    assert result.code == 0
    assert "4 passed, 1 deselected" in result.out


def test_internal_error_is_reported_with_its_exception(
    address: str, tiny_pack: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(self: CaseItem) -> None:
        raise ZeroDivisionError("internal")

    monkeypatch.setattr(CaseItem, "runtest", crash)
    result = run_cases(address, tiny_pack, "--llm-case", "n")
    assert result.code == 1
    assert "ZeroDivisionError: internal" in result.out


def test_version_is_0_if_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> str:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "version", missing)
    assert facts.own_version() == "0"
