"""File formats are described in their schemas, and every YAML reader can read shipped files."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from ruamel.yaml import YAML

from harness.language.behaviours import BY_ID
from harness.load.packs import load_packs
from harness.load.targets import load_target
from harness.util import paths, strict_yaml
from harness.util.errors import FileProblems

FORMATS = ("pack", "rows", "target", "claims", "baseline", "requirements")
SHIPPED_FILES = sorted(
    [*paths.cases_dir().rglob("*.yaml"), *paths.targets_dir().glob("*.yaml")],
    key=lambda path: path.as_posix(),
)
TARGET = "name: t\npacks: [openai-chat]\nendpoints: {openai: {model: m, base_url: 'http://h/v1'}}\n"
PACK = "id: p\nversion: 1.0.0\ntitle: t\nprotocol: openai\n"
ROWS = "rows:\n  - {id: a, path: a, location: request, behaviour: ignored}\n"


def undescribed(schema: Any, pointer: str = "") -> Iterator[str]:
    if isinstance(schema, dict):
        properties = schema.get("properties")
        for key, value in properties.items() if isinstance(properties, dict) else ():
            if isinstance(value, dict) and not value.get("description"):
                yield f"{pointer}/{key}"
        for key, value in schema.items():
            yield from undescribed(value, f"{pointer}/{key}")
    elif isinstance(schema, list):
        for index, value in enumerate(schema):
            yield from undescribed(value, f"{pointer}/{index}")


@pytest.mark.parametrize("name", FORMATS)
def test_every_property_has_a_description(name: str) -> None:
    path = paths.schemas_dir() / f"{name}.schema.json"
    assert [*undescribed(json.loads(path.read_bytes()))] == []


@pytest.mark.parametrize("path", SHIPPED_FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_shipped_file_names_its_schema(path: Path) -> None:
    if path.parent.name == "requirements":
        return  # written by `harness freeze`, and never edited
    name = {"pack.yaml": "pack", "rows.yaml": "rows"}.get(path.name, "case")
    name = "target" if path.parent == paths.targets_dir() else name
    first_line = path.read_text("utf-8").partition("\n")[0]
    schema = f"../../schemas/{name}.schema.json"
    assert first_line == f"# yaml-language-server: $schema={schema}"


def test_shipped_files_are_read_alike_by_yaml_1_1_and_1_2_readers() -> None:
    """Without libyaml as well: `yaml.SafeLoader` is the reader in pure Python."""
    yaml_1_2 = YAML(typ="safe", pure=True)
    for path in SHIPPED_FILES:
        text = path.read_text("utf-8")
        data, _, problems = strict_yaml.read(text, str(path))
        assert problems == []
        assert yaml.load(text, yaml.SafeLoader) == data, path
        assert yaml_1_2.load(text) == data, path


def load(path: Path) -> object:
    if path.name == "target.yaml":
        return load_target(str(path))
    return load_packs([str(path.parent)], tuple(BY_ID))


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        (
            "target.yaml",
            TARGET.replace("endpoints", "fronts"),
            "3:1: `fronts` is now called `endpoints`",
        ),
        (
            "target.yaml",
            TARGET + "limited_key_env: LOW\n",
            "4:1: unknown key `limited_key_env`: write `key_env: [KEY, LOW]`",
        ),
        (
            "target.yaml",
            TARGET + "builtin: true\n",
            "4:1: unknown key `builtin`: write `base_url: builtin`",
        ),
        ("target.yaml", TARGET + "fields: {}\n", "4:1: `fields` is now called `deviations`"),
        ("pack.yaml", PACK + "other: {}\n", "5:1: `other` is now called `protocols`"),
        ("pack.yaml", PACK + "base: {}\n", "5:1: `base` is now called `body`"),
        (
            "rows.yaml",
            ROWS.replace("behaviour", "declared"),
            "`declared` is now called `behaviour`",
        ),
        ("rows.yaml", ROWS.replace("}", ", status: x}"), "`status` is now called `documented_as`"),
    ],
)
def test_renamed_key_is_rejected_with_its_new_name(
    tmp_path: Path, name: str, text: str, message: str
) -> None:
    (tmp_path / "pack.yaml").write_text(PACK, "utf-8")
    (tmp_path / name).write_text(text, "utf-8")
    with pytest.raises(FileProblems, match=re.escape(message)) as caught:
        load(tmp_path / name)
    assert len(caught.value.problems) == 1
