"""`harness check` reports every mistake in packs, targets, claims and baselines at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.load.pack_folders import shipped_packs
from harness.util import paths
from tests.support import pack_on_disk

PACK = pack_on_disk.PACK + "sources: {docs: {title: Our documentation}}\n"
ROWS = """\
rows:
  - {id: seed, path: seed, location: request, behaviour: supported, source: docs}
  - {id: temperature, path: temperature, location: request, behaviour: clamped}
"""
TARGET = "name: t\npacks: [openai-chat]\nendpoints: {openai: {model: m, base_url: 'http://h/v1'}}\n"


def write_pack(folder: Path, case: str, rows: str = ROWS) -> Path:
    pack_on_disk.pack(folder, f"cases:\n  - {case}\n", PACK)
    (folder / "rows.yaml").write_text(rows, "utf-8")
    return folder


def write(path: Path, text: str) -> Path:
    path.write_text(text, "utf-8")
    return path


def test_shipped_packs_and_targets_have_no_mistakes() -> None:
    targets = sorted(paths.targets_dir().glob("*.yaml"))
    result = pack_on_disk.harness("check", *shipped_packs(), *targets)
    assert result.code == 0
    assert result.out.count("no mistakes") == len(shipped_packs()) + len(targets)
    assert "warning" not in result.out


def test_check_accepts_the_folder_or_a_file_of_a_pack(tiny_pack: Path) -> None:
    for name in (tiny_pack, tiny_pack / "cases.yaml"):
        result = pack_on_disk.harness("check", name)
        assert result.code == 0
        assert result.out.endswith("tiny 1.2.3: 4 cases, 0 rows, no mistakes\n")


def test_case_file_outside_a_pack_is_rejected(tmp_path: Path) -> None:
    stray = write(tmp_path / "stray.yaml", pack_on_disk.CASES)
    result = pack_on_disk.harness("check", stray)
    assert result.code == 4
    assert f"{stray} is not in a pack" in result.lines[0]


def test_all_mistakes_of_all_files_are_reported(tiny_pack: Path) -> None:
    write(tiny_pack / "one.yaml", "cases: [{id: a}]\nmore: 1\n")
    write(tiny_pack / "two.yaml", "cases:\n  - id: b\n    behaviour: jumps\n    id: b\n")
    (tiny_pack / "three.yaml").write_bytes(b"\xff\xfe")
    result = pack_on_disk.harness("check", tiny_pack)
    assert result.code == 4
    for name in ("one.yaml:1:", "one.yaml:2:", "two.yaml:4:", "three.yaml:1"):
        assert any(f"/{name}" in line for line in result.lines), result.lines
    assert not (tiny_pack.parent / "out").exists()


def test_every_case_that_cannot_be_planned_is_reported(tiny_pack: Path) -> None:
    case = "  - {{id: bad-{0}, row: n, behaviour: ignored, field: $.gone{0}.x, values: [1]}}\n"
    pack_on_disk.pack(tiny_pack, pack_on_disk.CASES + case.format(1) + case.format(2))
    result = pack_on_disk.harness("check", tiny_pack)
    assert result.code == 4
    assert [f"gone{number}" in line for number, line in enumerate(result.lines, 1)] == [True, True]


@pytest.mark.parametrize(
    ("case", "message"),
    [
        (
            "{id: a, row: temperature, behaviour: clamped, range: [1, 0], values: [2]}",
            "the range is reversed: 1 is more than 0",
        ),
        (
            "{id: a, row: temperature, behaviour: clamped, range: [0, 1], values: [1]}",
            "1 is inside the range 0 to 1",
        ),
        (
            "{id: a, row: seed, behaviour: ignored, values: [1]}",
            "the row `seed` is declared `supported`, not `ignored`",
        ),
        (
            "{id: a, row: seed, behaviour: rejected, values: [1], source: dosc § 2}",
            "no source `dosc` in this pack; did you mean `docs`?",
        ),
    ],
    ids=["reversed-range", "over-inside-range", "ignored-but-supported", "undefined-source"],
)
def test_mistake_that_is_valid_by_the_schema_is_reported(
    tmp_path: Path, case: str, message: str
) -> None:
    result = pack_on_disk.harness("check", write_pack(tmp_path / "tiny", case))
    assert result.code == 4
    [line] = result.lines
    assert message in line
    assert "cases.yaml:2:" in line


def test_undefined_source_of_a_row_is_reported(tmp_path: Path) -> None:
    rows = ROWS.replace("source: docs", "source: [docs, page]")
    case = "{id: a, row: seed, behaviour: rejected, values: [1]}"
    result = pack_on_disk.harness("check", write_pack(tmp_path / "tiny", case, rows))
    assert result.code == 4
    assert "rows.yaml:2:69: no source `page` in this pack" in result.lines[0]


def test_case_without_expectations_is_a_warning(tmp_path: Path) -> None:
    folder = write_pack(tmp_path / "tiny", "{id: a, row: seed, behaviour: supported}")
    result = pack_on_disk.harness("check", folder)
    assert result.code == 0
    assert "warning: `a` only checks that the request is accepted" in result.out


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (TARGET.replace("endpoints", "fronts"), "3:1: `fronts` is now called `endpoints`"),
        (TARGET + "lacks: [visoin]\n", "4:9: no feature `visoin`; did you mean `vision`?"),
        (TARGET + "features: [none]\n", "4:12: no feature `none`"),
        (TARGET + "deviations: {sed: {behaviour: ignored, why: x}}\n", "did you mean `seed`?"),
        ("deviations: {seed: {behaviour: ignord, why: x}}\n", "no behaviour `ignord`"),
        ("fields: {seed: {behaviour: ignored, why: x}}\n", "is now called `deviations`"),
        ("deviations: [{case: temperatur, reason: x}]\n", "no case `temperatur`; did you mean"),
        ("deviations: [{case: seed, reason: x, until: '2026-02-30'}]\n", "is not a date"),
        ("deviations: [{case: seed}]\n", "the key `reason` is missing"),
    ],
)
def test_mistake_in_a_target_claims_or_baseline_file_is_reported(
    tmp_path: Path, text: str, message: str
) -> None:
    result = pack_on_disk.harness("check", write(tmp_path / "file.yaml", text))
    assert result.code == 4
    assert message in result.err


def test_valid_files_are_named_with_their_kind(tmp_path: Path, tiny_pack: Path) -> None:
    target = write(tmp_path / "t.yaml", TARGET)
    claims = write(tmp_path / "c.yaml", "lacks: [vision]\n")
    baseline = write(tmp_path / "b.yaml", "deviations: [{case: tiny/answer, reason: x}]\n")
    result = pack_on_disk.harness("check", target, claims, baseline, tiny_pack)
    assert (result.code, result.err) == (0, "")
    for line in (
        f"{target}: target file, no mistakes",
        f"{claims}: claims file, no mistakes",
        f"{baseline}: baseline file, no mistakes",
    ):
        assert line in result.out


def test_file_of_an_unclear_kind_needs_the_option(tmp_path: Path) -> None:
    file = write(tmp_path / "x.yaml", "name: t\n")
    result = pack_on_disk.harness("check", file)
    assert result.code == 4
    assert "is not a target, claims, baseline or fleet file; choose with --as" in result.lines[0]
    result = pack_on_disk.harness("check", file, "--as", "target")
    assert "the key `endpoints` is missing" in result.err
