"""Data files are found in a checkout and in an installed wheel."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.util import paths


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(paths, "HARNESS", tmp_path / "harness")
    return tmp_path


def test_this_checkout_has_its_folders() -> None:
    assert (paths.schemas_dir() / "openai" / "completion.schema.json").is_file()
    assert paths.cases_dir().is_dir()
    assert paths.targets_dir() == Path(paths.__file__).parents[1] / "targets"


def test_a_wheel_carries_them_in_its_data(house: Path) -> None:
    (house / "harness" / "_data" / "cases").mkdir(parents=True)
    (house / "cases").mkdir()  # of another distribution in the same site-packages
    assert paths.cases_dir() == house / "harness" / "_data" / "cases"


def test_a_checkout_wins_over_what_an_earlier_build_left(house: Path) -> None:
    (house / "harness" / "_data" / "schemas").mkdir(parents=True)
    for name in ("cases", "schemas"):
        (house / name).mkdir()
    (house / "pyproject.toml").touch()
    assert paths.schemas_dir() == house / "schemas"


def test_a_missing_folder_is_named_where_it_should_be(house: Path) -> None:
    assert paths.cases_dir() == house / "cases"
