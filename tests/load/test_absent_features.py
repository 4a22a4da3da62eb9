"""A pack can declare that its document lacks a feature of the pack that it extends."""

from __future__ import annotations

from pathlib import Path

from harness.language.behaviours import BY_ID
from harness.load.absent_features import without_absent_features
from harness.load.packs import load_packs
from harness.run import Options, load_session, reference_gateway

PARENT = """\
id: parent
version: 1.0.0
title: A document
protocol: openai
features: {a: extended, b: extended}
"""
CHILD = """\
id: child
version: 1.0.0
title: A document with less in it
protocol: openai
extends: [parent]
features: {a: absent}
"""
ROWS = """\
rows:
  - {id: one, path: one, location: request, behaviour: supported}
  - {id: two, path: two, location: request, behaviour: supported}
"""
CASES = """\
pack: parent
cases:
  - {id: first, row: [one, two], feature: a, expect: {status: ok}}
  - {id: second, row: two, feature: b, expect: {status: ok}}
"""


def write(folder: Path, **files: str) -> None:
    folder.mkdir()
    for name, text in files.items():
        (folder / f"{name}.yaml").write_text(text)


def test_cases_of_an_absent_feature_and_rows_of_only_such_cases_are_left_out(
    tmp_path: Path,
) -> None:
    write(tmp_path / "parent", pack=PARENT, rows=ROWS, cases=CASES)
    write(tmp_path / "child", pack=CHILD)
    packs = load_packs([str(tmp_path / "child")], tuple(BY_ID))
    parent, _ = without_absent_features(packs)
    assert [case.id for case in parent.cases] == ["second"]
    assert [row.id for row in parent.rows] == ["two"]
    alone = without_absent_features(load_packs([str(tmp_path / "parent")], tuple(BY_ID)))
    assert [case.id for case in alone[0].cases] == ["first", "second"]


def test_reference_gateway_is_addressed_at_the_endpoints_that_the_packs_describe() -> None:
    for pack, path in (("openai-compat", "/compat"), ("openai-chat", "")):
        session = load_session(Options(packs=(pack,)))
        assert reference_gateway.root(session.target) == path
