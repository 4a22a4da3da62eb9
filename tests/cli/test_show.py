"""`harness list`, `explain` and `check` say what the cases say, and every mistake at once."""

from __future__ import annotations

from importlib import metadata
from pathlib import Path

import pytest

from harness import load
from harness.util import paths
from tests.support import pack_on_disk

SHIPPED = {file.parent.name for file in paths.cases_dir().glob("*/pack.yaml")}


def test_bare_words_show_the_way() -> None:
    for words in ((), ("--help",), ("-h",)):
        said = pack_on_disk.harness(*words)
        assert said.code == 0
        for name in ("run", "list", "explain", "check", "serve", "prove", "Exit codes"):
            assert name in said.out


def test_the_version_is_told_also_without_an_installation(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metadata, "version", lambda name: "1.2.3")
    said = pack_on_disk.harness("--version")
    assert (said.code, said.out) == (0, "harness, version 1.2.3\n")

    def missing(name: str) -> str:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "version", missing)
    said = pack_on_disk.harness("--version")
    assert (said.code, said.out) == (0, "harness, not installed\n")


@pytest.mark.parametrize("command", ["run", "list", "explain", "check", "serve", "prove"])
def test_every_command_explains_itself(command: str) -> None:
    said = pack_on_disk.harness(command, "--help")
    assert said.code == 0
    assert said.out.startswith("Usage: ")


def test_an_unknown_command_is_one_line() -> None:
    said = pack_on_disk.harness("jump")
    assert said.code == 4
    assert said.lines[0].startswith("ERROR: No such command 'jump'")
    assert len(said.lines) == 1


def test_list_names_the_cases_of_what_ships() -> None:
    said = pack_on_disk.harness("list")
    assert said.code == 0
    assert {line.split()[0] for line in said.out.splitlines() if line[0] != " "} == SHIPPED
    assert "  temperature                                  clamped       temperature" in said.out


def test_list_names_the_cases_of_a_pack(tiny_pack: Path) -> None:
    said = pack_on_disk.harness("list", "--pack", tiny_pack)
    assert [line.split()[0] for line in said.out.splitlines()] == [
        *("tiny", "answer", "seed", "n", "burst", "4")
    ]


ROWS = """
rows:
  - {id: answer, path: a, location: request, declared: supported}
  - {id: seed, path: b, location: request, declared: ignored}
  - {id: n, path: n, location: request, declared: exactly}
  - {id: burst, path: b, location: request, declared: supported}
  - {id: bare, path: c, location: request, declared: ignored}
  - {id: excused, path: c, location: request, declared: ignored, not_testable: "nobody can see it"}
"""


def test_coverage_tells_what_is_bare(tiny_pack: Path) -> None:
    (tiny_pack / "rows.yaml").write_text(ROWS, "utf-8")
    said = pack_on_disk.harness("list", "--coverage", "--pack", tiny_pack)
    assert said.code == 1
    told = {line.split()[0]: line.split(maxsplit=2)[2] for line in said.out.splitlines()[1:-1]}
    assert told["bare"] == "UNCOVERED"
    assert told["excused"] == "not testable: nobody can see it"
    assert told["seed"] == "seed"
    assert said.out.endswith("6 rows: 4 with cases, 1 not testable, 1 uncovered; 4 cases\n")


def test_what_ships_is_covered() -> None:
    assert pack_on_disk.harness("list", "--coverage").code == 0


def test_explain_tells_every_request_and_every_demand(tiny_pack: Path) -> None:
    (tiny_pack / "rows.yaml").write_text(ROWS, "utf-8")
    said = pack_on_disk.harness("explain", "answer", "--pack", tiny_pack)
    assert said.code == 0
    assert said.out.startswith("tiny/answer  (")
    assert "  A question is answered.\n" in said.out
    assert "behaviour supported, tiny 1.2.3" in said.out
    assert "\n  tiny/answer/plain\n" in said.out
    assert "POST /chat/completions {" in said.out
    assert "body $.choices[0].message.content  " in said.out
    assert "(on 1 answer)" in said.out


def test_explain_tells_controls_alternatives_and_keys(tiny_pack: Path) -> None:
    cases = pack_on_disk.CASES + (
        "  - id: either\n    row: n\n    behaviour: supported\n    http: {auth: none}\n"
        "    expect: {any: [{status: 401}, {status: 403}]}\n"
        f"  - {{id: raw, row: n, behaviour: rejected, raw: '{'x' * 300}', field: model}}\n"
    )
    pack_on_disk.pack(tiny_pack, cases)
    assert (
        " against its controls" in pack_on_disk.harness("explain", "seed", "--pack", tiny_pack).out
    )
    either = pack_on_disk.harness("explain", "tiny/either", "--pack", tiny_pack).out
    assert "[auth none]" in either
    assert "status 401 or status 403" in either
    assert f"{'x' * 200}...\n" in pack_on_disk.harness("explain", "raw", "--pack", tiny_pack).out


def test_explain_knows_no_such_case() -> None:
    said = pack_on_disk.harness("explain", "temperatur")
    assert (said.code, said.lines) == (
        4,
        ["ERROR: no case `temperatur`; did you mean temperature?"],
    )
    said = pack_on_disk.harness("explain", "zzzzzz")
    assert said.lines == ["ERROR: no case `zzzzzz`; `harness list` names them all"]


def test_check_finds_nothing_in_what_ships() -> None:
    said = pack_on_disk.harness("check")
    assert said.code == 0
    assert said.out.count("no mistakes") == len(SHIPPED)


def test_check_takes_a_folder_or_a_file_of_a_pack(tiny_pack: Path) -> None:
    for name in (tiny_pack, tiny_pack / "cases.yaml"):
        said = pack_on_disk.harness("check", name)
        assert (said.code, said.out) == (0, "tiny 1.2.3: 4 cases, 0 rows, no mistakes\n")
    stray = tiny_pack.parent / "stray.yaml"
    stray.write_text(pack_on_disk.CASES, "utf-8")
    said = pack_on_disk.harness("check", stray)
    assert said.lines == [f"ERROR: {stray} lies in no pack: put it beside a pack.yaml"]


def test_check_tells_every_mistake_of_every_file(tiny_pack: Path) -> None:
    """Of the form, of the meaning, and of what a case expands to."""
    (tiny_pack / "one.yaml").write_text("cases: [{id: a}]\nmore: 1\n", "utf-8")
    (tiny_pack / "two.yaml").write_text(
        "cases:\n  - id: b\n    behaviour: jumps\n    id: b\n", "utf-8"
    )
    (tiny_pack / "three.yaml").write_bytes(b"\xff\xfe")
    said = pack_on_disk.harness("check", tiny_pack)
    assert said.code == 4
    places = [line.removeprefix("ERROR: ") for line in said.lines]
    for name in ("one.yaml:1:", "one.yaml:2:", "two.yaml:4:", "three.yaml:1"):
        assert any(f"/{name}" in place for place in places), places
    assert not (tiny_pack.parent / "out").exists()


def test_check_tells_every_case_that_cannot_be_planned(tiny_pack: Path) -> None:
    bad = "  - {{id: bad-{0}, row: n, behaviour: ignored, at: /gone{0}/x, values: [1]}}\n"
    pack_on_disk.pack(tiny_pack, pack_on_disk.CASES + bad.format(1) + bad.format(2))
    said = pack_on_disk.harness("check", tiny_pack)
    assert said.code == 4
    assert [f"gone{number}" in line for number, line in enumerate(said.lines, 1)] == [True, True]


def test_ctrl_c_is_told_in_one_word(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(names: object, known: object) -> object:
        raise KeyboardInterrupt

    monkeypatch.setattr(load, "load_packs", interrupted)
    said = pack_on_disk.harness("list")
    assert (said.code, said.lines) == (2, ["interrupted"])
