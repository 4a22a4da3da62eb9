"""Mutants and overrides of a pack of one's own: the example of docs/mutants.md, and its limits."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from harness import prove
from harness.prove.jobs import OwnFiles
from tests.support import pack_on_disk

PAGE = (pack_on_disk.ROOT / "docs" / "mutants.md").read_text("utf-8")
FILES = re.findall(r"^```yaml\n# (\S+)\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
CONSOLE = re.findall(r"^```console\n\$ harness (.*?)\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)


@pytest.fixture
def example(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The files of the page, in the working directory."""
    for name, text in FILES:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, "utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(command: str) -> pack_on_disk.CommandResult:
    return pack_on_disk.harness(*command.split(), "--workers", "1")


def without_numbers(text: str) -> str:
    return re.sub(r"\d+ variants", "N variants", text)


@pytest.mark.parametrize(("command", "output"), CONSOLE, ids=["before", "after"])
def test_command_of_the_page_prints_what_the_page_shows(
    command: str, output: str, example: Path
) -> None:
    result = run(command)
    printed = without_numbers(result.out).splitlines()
    assert [line for line in without_numbers(output).splitlines() if line not in printed] == []
    is_complete = "--mutants" in command
    assert result.code == (0 if is_complete else 1)
    assert ("HINT" in result.out) is not is_complete


def test_override_alone_leaves_the_cases_without_mutants(example: Path) -> None:
    result = run("prove --pack acme --override teach.yaml")
    assert (result.code, result.out.count("IDLE")) == (1, 2)
    assert "FAILS" not in result.out
    assert "add one with --mutants FILE" in result.out


def test_mutant_that_its_case_does_not_see_survives(example: Path) -> None:
    text = (example / "mutants.yaml").read_text("utf-8")
    (example / "mutants.yaml").write_text(text.replace("{drop: $.tag}", "{drop: $.none}"), "utf-8")
    result = run("prove --pack acme --override teach.yaml --mutants mutants.yaml")
    assert result.code == 1
    assert "SURVIVES tag.lost" in result.out
    assert "IDLE     acme/tag:" in result.out


def test_variant_without_a_statement_about_its_rows_fails(example: Path) -> None:
    text = (example / "teach.yaml").read_text("utf-8")
    (example / "teach.yaml").write_text(text.partition("affects:")[0], "utf-8")
    result = run("prove --pack acme --override teach.yaml --mutants mutants.yaml")
    assert "FAILS    lacks.refusals\n         acme/tag.refused: " in result.out


def test_case_that_does_not_exist_is_reported_with_its_place(example: Path) -> None:
    text = (example / "mutants.yaml").read_text("utf-8")
    (example / "mutants.yaml").write_text(text.replace("case: tag\n", "case: tags\n"), "utf-8")
    result = run("prove --pack acme --override teach.yaml --mutants mutants.yaml")
    assert (result.code, result.out) == (4, "")
    assert "mutants.yaml:6:5: there is no case `acme/tags`; did you mean `acme/tag`" in result.err


def test_id_of_a_mutant_that_ships_is_refused(example: Path) -> None:
    text = (example / "mutants.yaml").read_text("utf-8")
    (example / "mutants.yaml").write_text(text.replace("id: tag.lost", "id: seed.refused"), "utf-8")
    result = run("prove --pack acme --mutants mutants.yaml")
    assert result.code == 4
    assert "`seed.refused` is a mutant that ships; choose another id" in result.err


def test_processes_have_the_files_of_the_author(example: Path) -> None:
    matrix = prove.prove(["acme"], 2, own=OwnFiles("mutants.yaml", "teach.yaml"))
    assert matrix.is_complete()
    assert {*matrix.kills} == {"tag.lost", "tag.number"}


def test_change_of_a_forwarded_request_is_seen_before_a_provider(tmp_path: Path) -> None:
    """The provider is played; it has the protocol of the case, or the other one."""
    cases = """
pack: tiny
cases:
  - id: user
    row: user
    feature: upstream
    modes: [plain]
    request: {body: {temperature: 0.5}}
    expect: {forwarded: {PROTOCOL: {body: {$.temperature: {const: 0.5}}}}}
"""
    mutants = """
pack: tiny
mutants:
  - {id: lost, description: drops the temperature, case: user, rule: forwarded,
     at: forwarded, protocol: PROTOCOL, do: {drop: $.temperature}}
"""
    text = pack_on_disk.PACK.replace("features: {", "features: {upstream: opt-in, ")
    responses = text.replace("protocol: openai", "protocol: responses").replace("answers:", "#")
    responses = re.sub(r"messages: .*}]}", "input: Hello}", responses)
    responses = responses.replace(", stream_options: {include_usage: true}", "")
    for protocol in ("anthropic", "openai", "responses"):
        pack = pack_on_disk.pack(
            tmp_path / protocol / "tiny",
            cases.replace("PROTOCOL", protocol),
            responses if protocol == "responses" else text,
        )
        file = tmp_path / f"{protocol}.yaml"
        file.write_text(mutants.replace("PROTOCOL", protocol), "utf-8")
        matrix = prove.prove([str(pack)], 1, only=["lost"], own=OwnFiles(str(file)))
        assert matrix.survivors() == [], (protocol, matrix.kills)
