"""Data files are found in a checkout and in an installed wheel; case files by name and folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.util import paths


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(paths, "HARNESS", tmp_path / "harness")
    return tmp_path


def test_folders_of_this_checkout_exist() -> None:
    assert (paths.schemas_dir() / "openai" / "completion.schema.json").is_file()
    assert paths.cases_dir().is_dir()
    assert paths.targets_dir() == Path(paths.__file__).parents[1] / "targets"


def test_wheel_has_the_folders_in_its_data(root: Path) -> None:
    (root / "harness" / "_data" / "cases").mkdir(parents=True)
    (root / "cases").mkdir()  # from another distribution in site-packages
    assert paths.cases_dir() == root / "harness" / "_data" / "cases"


def test_checkout_has_precedence_over_an_earlier_build(root: Path) -> None:
    (root / "harness" / "_data" / "schemas").mkdir(parents=True)
    for name in ("cases", "schemas"):
        (root / name).mkdir()
    (root / "pyproject.toml").touch()
    assert paths.schemas_dir() == root / "schemas"


def test_missing_folder_is_expected_beside_the_package(root: Path) -> None:
    assert paths.cases_dir() == root / "cases"


def test_case_files_are_the_other_yaml_files_of_a_pack(tmp_path: Path) -> None:
    (tmp_path / "pack.yaml").touch()
    names = ("cases.yaml", "pack.yaml", "rows.yaml", "cases.yml", "smoke.json")
    assert [name for name in names if paths.is_case_file(tmp_path / name)] == ["cases.yaml"]
    assert not paths.is_case_file(tmp_path / "folder" / "cases.yaml")
