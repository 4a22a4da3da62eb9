"""`harness init` writes files that pass `harness check` as written, and never overwrites one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from harness.util import paths
from tests.support import pack_on_disk


def run(*arguments: str | Path) -> str:
    result = pack_on_disk.harness(*arguments)
    assert (result.code, result.err) == (0, "")
    return result.out


def test_new_pack_is_valid_and_can_be_run(tmp_path: Path) -> None:
    folder = tmp_path / "My Pack"
    run("init", "pack", folder)
    assert run("check", folder) == "my-pack 0.1.0: 1 case, 1 row, no mistakes\n"
    run("run", "--pack", folder, "--out", tmp_path / "out")
    assert pack_on_disk.outcomes(tmp_path / "out") == {"answer": "pass"}


def test_new_case_is_appended_or_gets_a_new_file(tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    run("init", "pack", folder)
    before = (folder / "cases.yaml").read_text("utf-8")
    run("init", "case", folder / "cases.yaml")
    run("init", "case", folder / "more.yaml")
    run("init", "case", folder / "more.yaml")
    assert (folder / "cases.yaml").read_text("utf-8").startswith(before)
    assert "mine 0.1.0: 4 cases" in run("check", folder)


def test_new_case_fits_a_pack_without_sources_and_with_another_indentation(tmp_path: Path) -> None:
    folder = pack_on_disk.pack(tmp_path / "tiny")
    cases = (
        "cases:\n- id: a\n  row: r\n  behaviour: supported\n  request: {body: {user: me}}\n"
        "  expect: {status: ok}\n"
    )
    (folder / "cases.yaml").write_text(cases, "utf-8")
    run("init", "case", folder / "cases.yaml")
    assert "tiny 1.2.3: 2 cases" in run("check", folder)


@pytest.mark.parametrize("kind", ["target", "fleet"])
def test_new_target_or_fleet_is_valid(kind: str, tmp_path: Path) -> None:
    run("init", kind, tmp_path / "t.yaml")
    assert run("check", tmp_path / "t.yaml").endswith(f"{kind} file, no mistakes\n")


def test_examples_in_the_comments_of_a_new_fleet_are_valid(tmp_path: Path) -> None:
    run("init", "fleet", tmp_path / "t.yaml")
    run("init", "target", tmp_path / "my-target.yaml")
    text = (tmp_path / "t.yaml").read_text("utf-8")
    for sign in ("- target", "  models", "hosts", "  gateway"):
        assert f"# {sign}" in text
        text = text.replace(f"# {sign}", sign)
    (tmp_path / "t.yaml").write_text(text, "utf-8")
    assert run("check", tmp_path / "t.yaml").endswith("fleet file, no mistakes\n")


@pytest.mark.parametrize("pack", ["anthropic-messages", "openai-responses", "openai-embeddings"])
def test_new_case_requires_what_answers_of_the_protocol_have(pack: str, tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    data = yaml.safe_load((paths.cases_dir() / pack / "pack.yaml").read_text("utf-8"))
    kept = {"protocol", "headers", "body", "modes", "define"} & {*data}
    text = {name: data[name] for name in kept} | {"id": "mine", "version": "0.1.0", "title": "x"}
    (folder / "pack.yaml").write_text(json.dumps(text, ensure_ascii=False), "utf-8")
    run("init", "case", folder / "cases.yaml")
    run("run", "--pack", folder, "--out", tmp_path / "out")
    assert pack_on_disk.outcomes(tmp_path / "out") == {"new-case": "pass"}


@pytest.mark.parametrize(("kind", "file"), [("pack", "mine/rows.yaml"), ("target", "mine")])
def test_existing_files_are_not_overwritten(tmp_path: Path, kind: str, file: str) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "rows.yaml").write_text("rows: []\n")
    result = pack_on_disk.harness("init", kind, tmp_path / "mine")
    assert result.code == 4
    assert f"{tmp_path / file} exists already" in result.lines[0]
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["rows.yaml"]


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("cases.yaml", "cases: [{id: a}]\n", "is not a list at the end of the file"),
        ("cases.yaml", "cases:\n  - id: a\npack: tiny\n", "is not a list at the end of the file"),
        ("cases.yml", "", "a case file ends in .yaml"),
        ("rows.yaml", "", "a case file ends in .yaml"),
        ("below/cases.yaml", "", "lies beside a pack.yaml"),
    ],
)
def test_case_is_not_added_where_it_would_not_be_read(
    tmp_path: Path, name: str, text: str, message: str
) -> None:
    folder = pack_on_disk.pack(tmp_path / "tiny")
    path = folder / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, "utf-8")
    result = pack_on_disk.harness("init", "case", path)
    assert result.code == 4
    assert message in result.lines[0]
    assert path.read_text("utf-8") == text
