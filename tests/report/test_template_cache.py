"""Templates are compiled once; where nothing can be written, each process compiles them."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from jinja2 import Environment, FileSystemLoader

from harness.report.template_cache import TemplateCache


@pytest.fixture
def settings(tmp_path: Path) -> Path:
    (tmp_path / "page.txt").write_text("{{ name }}!")
    (tmp_path / "settings.py").write_text("old")
    return tmp_path / "settings.py"


def render(settings: Path) -> str:
    folder = settings.parent
    cache = TemplateCache(folder, settings)
    made = Environment(loader=FileSystemLoader(folder), bytecode_cache=cache, autoescape=True)
    return made.get_template("page.txt").render(name="<a>")


def compiled(settings: Path) -> list[Path]:
    return [*settings.parent.glob("**/*.cache")]


@pytest.fixture(autouse=True)
def write_bytecode(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    monkeypatch.setattr(sys, "pycache_prefix", None)


def test_template_is_compiled_again_only_if_it_or_its_settings_change(settings: Path) -> None:
    for expected in (1, 1):
        assert render(settings) == "&lt;a&gt;!"
        assert len(compiled(settings)) == expected
    settings.write_text("new")
    assert render(settings) == "&lt;a&gt;!"
    assert len(compiled(settings)) == 2
    (settings.parent / "page.txt").write_text("{{ name }}?")
    assert render(settings) == "&lt;a&gt;?"


def test_nothing_is_written_where_python_writes_nothing(
    settings: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    assert render(settings) == "&lt;a&gt;!"
    assert compiled(settings) == []


def test_template_is_filled_where_no_folder_can_be_made(settings: Path) -> None:
    (settings.parent / "__pycache__").write_text("a file")
    assert render(settings) == "&lt;a&gt;!"
