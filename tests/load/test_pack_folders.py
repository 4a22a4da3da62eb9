"""The folders of packs, of the packs that they extend, and of the packs that have a case."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.load.pack_folders import (
    folders_with_cases,
    pack_folder,
    pack_lineage,
    shipped_packs,
    shipped_packs_of_the_wire,
)
from harness.util import paths
from harness.util.errors import UsageError


def write_pack(folder: Path, *extends: str) -> str:
    folder.mkdir()
    text = f"id: {folder.name}\nextends: [{', '.join(extends)}]\n"
    (folder / "pack.yaml").write_text(text, "utf-8")
    return str(folder)


def names(folders: tuple[Path, ...]) -> list[str]:
    return [folder.name for folder in folders]


def test_parents_come_first_and_once(tmp_path: Path) -> None:
    write_pack(tmp_path / "one")
    packs = [write_pack(tmp_path / "two", "one"), write_pack(tmp_path / "three", "one", "two")]
    assert names(pack_lineage(packs)) == ["one", "two", "three"]
    assert names(pack_lineage(["openai-compat"])) == ["openai-chat", "openai-compat"]


def test_packs_of_the_wire_contain_every_shipped_pack_but_those_of_sdks() -> None:
    lineage = names(pack_lineage(shipped_packs_of_the_wire()))
    sdk_packs = [name for name in shipped_packs() if name.startswith("sdk-")]
    assert sorted([*lineage, *sdk_packs]) == sorted(shipped_packs())
    assert "openai-chat" not in shipped_packs_of_the_wire(), "openai-compat has its cases"


def test_packs_that_extend_each_other_end(tmp_path: Path) -> None:
    write_pack(tmp_path / "one", "two")
    assert names(pack_lineage([write_pack(tmp_path / "two", "one")])) == ["one", "two"]


def test_unknown_pack_is_an_error_that_suggests_a_similar_one(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no pack `openai-cht`; did you mean `openai-chat`"):
        pack_folder("openai-cht")
    with pytest.raises(UsageError, match="no pack `zz`; there are anthropic-messages, "):
        pack_lineage([write_pack(tmp_path / "one", "zz")])


@pytest.mark.parametrize(
    ("cases", "packs"),
    [
        (["openai-compat/temperature"], ["openai-compat"]),
        (["temperature"], ["anthropic-messages", "openai-compat"]),
        (["tools.calls.parallel", "openai-compat/temperature"], ["openai-chat", "openai-compat"]),
        (["not-a-case"], [*shipped_packs()]),
    ],
)
def test_packs_that_have_the_cases_are_found(cases: list[str], packs: list[str]) -> None:
    folders = [paths.cases_dir() / name for name in shipped_packs()]
    assert names(folders_with_cases(cases, folders)) == packs
