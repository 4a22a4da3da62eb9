"""Tables in the documentation agree with the code."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import get_args

from harness.language.behaviours import BEHAVIOURS
from harness.model.types import Cause, Grade, Outcome

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"


def first_cells(page: str, heading: str) -> list[str]:
    """The words in code marks in the first column of the table below a heading."""
    text = (DOCS / page).read_text("utf-8")
    section = text[text.index(f"## {heading}\n") :].split("\n## ", 1)[0]
    return re.findall(r"^\| `([^`]+)` \|", section, re.MULTILINE)


def test_architecture_lists_the_packages_from_the_top_layer_down() -> None:
    packages = [path.parent.name for path in (ROOT / "harness").glob("*/__init__.py")]
    listed = first_cells("architecture.md", "Layout")
    assert sorted(listed) == sorted(packages)
    config = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    layers = config["tool"]["importlinter"]["contracts"][0]["layers"]
    position = {
        name.strip(): number for number, layer in enumerate(layers) for name in layer.split("|")
    }
    assert [position[name] for name in listed] == sorted(position.values())


def test_layout_diagram_shows_the_packages() -> None:
    diagram = (DOCS / "images" / "layout.svg").read_text("utf-8")
    names = re.findall(r'class="name"[^>]*>(\w+)<', diagram)
    assert names == first_cells("architecture.md", "Layout")


def test_behaviours_are_listed_with_their_highest_grade() -> None:
    text = (DOCS / "behaviours-and-evidence.md").read_text("utf-8")
    rows = re.findall(r"^\| `(\w+)` \| .+ \| `(\w+)` \|$", text, re.MULTILINE)
    assert rows == [(behaviour.id, behaviour.ceiling) for behaviour in BEHAVIOURS]


def test_evidence_grades_and_causes_are_listed() -> None:
    page = "behaviours-and-evidence.md"
    assert first_cells(page, "Evidence grades") == [*get_args(Grade)]
    assert first_cells(page, "Outcomes") == [*get_args(Cause)]


def test_readme_lists_the_outcomes() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    rows = re.findall(r"^\| `(\w+)` \|", readme, re.MULTILINE)
    assert sorted(rows) == sorted(get_args(Outcome))


def test_decisions_are_indexed() -> None:
    index = (DOCS / "adr" / "index.md").read_text("utf-8")
    records = [path.name for path in DOCS.glob("adr/0*.md")]
    assert re.findall(r"\((0\d+-[\w-]+\.md)\)", index) == sorted(records)


def test_tests_named_in_the_page_about_security_exist() -> None:
    text = (DOCS / "security.md").read_text("utf-8")
    named = re.findall(r"`(tests/[\w/.]+)`", text)
    assert named
    assert [name for name in named if not (ROOT / name).exists()] == []
