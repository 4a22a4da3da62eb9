"""`harness run` takes its options from a project file; the command line replaces them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from harness.cli import project_file
from harness.model.options import OPTIONS
from tests.support import pack_on_disk


def project(folder: Path, text: str, name: str = "harness.toml") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text, "utf-8")
    return folder / name


def test_options_of_the_file_run_from_any_folder_below_it(
    tiny_pack: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tiny_pack.parent
    (home / "a/b").mkdir(parents=True)
    monkeypatch.chdir(home / "a/b")
    with pack_on_disk.gateway() as url:
        options = (
            f'target = "{url}"\nmodel = "builtin-1"\napi-key-env = "TINY_KEY"\npack = ["tiny"]\n'
            'out = "results"\ncase = ["n"]\nkeep-going = true\nrpm = 60000\nfail-on = "warn"\n'
        )
        project(home, f"[tool.other]\nx = 1\n[tool.harness]\n{options}", "pyproject.toml")
        result = pack_on_disk.harness("run")
        assert (result.code, result.err) == (0, "")
        assert result.out.startswith("from ../../pyproject.toml: target, pack, model, api-key-env,")
        report = pack_on_disk.read_report(home / "results")
        command = (
            f"harness run {url} --pack ../../tiny --model builtin-1 --api-key-env TINY_KEY "
            "--case n --out ../../results --rpm 60000.0 --fail-on warn --keep-going"
        )
        assert report["command"] == command
        assert report["fail_on"] == "warn"
        assert {case["id"] for case in report["cases"]} == {"n"}

        words = ("--case", "seed", "--fail-on", "fail", "--out", "mine", "--quiet")
        result = pack_on_disk.harness("run", *words)
        assert result.code == 0
        assert "pyproject.toml" not in result.out
        report = pack_on_disk.read_report(Path("mine"))
        assert {case["id"] for case in report["cases"]} == {"seed"}
        assert report["command"].endswith(" ".join(words))
        assert report["fail_on"] == "fail"


def test_the_nearest_file_counts_and_harness_toml_before_pyproject(tmp_path: Path) -> None:
    project(tmp_path, 'model = "far"')
    project(tmp_path / "a", '[tool.harness]\nmodel = "near"', "pyproject.toml")
    project(tmp_path / "a/b", "[tool.other]\nx = 1", "pyproject.toml")
    path, options = project_file.find_file(tmp_path / "a/b") or (None, {})
    assert (path, options) == (tmp_path / "a/pyproject.toml", {"model": "near"})
    project(tmp_path / "a", 'model = "own"')
    assert (project_file.find_file(tmp_path / "a/b") or (None, {}))[1] == {"model": "own"}


KEY = "sk-live-0123456789abcdefghijklmnop"


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("harness.toml", "pakc = 1", "no option `pakc`; did you mean `pack`?"),
        ("harness.toml", "resume = true", "no option `resume`; "),
        ("harness.toml", 'rpm = "x"', "`rpm` takes a number"),
        ("harness.toml", "concurrency = 1.5", "`concurrency` takes an integer"),
        ("harness.toml", f'model = ["{KEY}"]', "`model` takes a string"),
        ("harness.toml", f'header = "authorization: {KEY}"', "`header` takes a list of strings"),
        ("harness.toml", 'fail-on = "never"', "`fail-on` takes one of fail, inconclusive, warn"),
        ("harness.toml", 'target = ""', "`target` is empty: leave it out"),
        ("harness.toml", 'case = [""]', "`case` is empty: leave it out"),
        ("harness.toml", "case = [1]", "`case` takes a list of strings"),
        ("harness.toml", "smoke = 1", "`smoke` takes a boolean"),
        ("harness.toml", "model = ", "Invalid value"),
        ("pyproject.toml", "[tool]\nharness = 1", "[tool.harness]: `tool.harness` takes a table"),
    ],
)
def test_a_mistake_is_one_line_with_the_file_and_without_the_value(
    tiny_pack: Path, name: str, text: str, message: str
) -> None:
    path = project(Path.cwd(), text, name)
    result = pack_on_disk.run(tiny_pack)
    assert (result.code, result.out, len(result.lines)) == (4, "", 1)
    assert result.err.startswith(f"ERROR: {path}: {message}")
    assert KEY not in result.err
    assert not (tiny_pack.parent / "out").exists()


def test_keys_of_headers_in_the_file_are_in_no_output(tiny_pack: Path) -> None:
    project(Path.cwd(), f'header = ["x-gateway-key: {KEY}"]')
    result = pack_on_disk.run(tiny_pack, "--case", "n")
    assert result.code == 0
    out = tiny_pack.parent / "out"
    texts = [result.out, *(path.read_bytes().decode("utf-8") for path in out.iterdir())]
    assert not any(KEY in text for text in texts)


def test_the_schema_has_every_option_that_is_not_of_a_single_run() -> None:
    names = {one.name for one in OPTIONS if one.surface in ("both", "command")}
    own = {name.replace("_", "-") for name in project_file.PER_RUN}
    assert set(project_file.schema()["properties"]) == names - own
    assert all(option["description"] for option in project_file.schema()["properties"].values())


def test_a_folder_without_a_file_has_no_options(tmp_path: Path) -> None:
    assert project_file.find_file(tmp_path) is None
    assert os.listdir(tmp_path) == []
