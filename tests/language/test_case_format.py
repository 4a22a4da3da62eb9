"""The reference of the case format is up to date, and all its examples load."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from harness.language.behaviours import BY_ID
from harness.language.case_format import INTRODUCTION, markdown, yaml_lines
from harness.language.case_schema import check_definitions, definitions
from harness.load import old_keys
from harness.load.packs import load_packs
from harness.plan import plan
from harness.util import paths
from harness.util.errors import FileProblems
from tests.support.inline_pack import PACK as INLINE_PACK
from tests.support.inline_pack import TARGET

ROOT = Path(__file__).resolve().parents[2]
COMMAND = "python -m harness.language.case_format > docs/case-format.md"
PACK = """\
id: my-pack
version: 1.0.0
title: A pack
protocol: openai
body: {model: $model, messages: [{role: user, content: hi}]}
modes: {plain: {}, stream: {stream: true}}
answers: {plain: {}, error: {body: {messages: []}}}
"""
CASE_FILES = sorted(path for path in paths.cases_dir().glob("*/*.yaml"))
MODELINE = "# yaml-language-server: $schema=../../schemas/"


def load(folder: Path, cases: str) -> Any:
    folder.mkdir(exist_ok=True)
    (folder / "pack.yaml").write_text(PACK, "utf-8")
    (folder / "cases.yaml").write_text(cases, "utf-8")
    return load_packs([str(folder)], tuple(BY_ID))[-1]


def test_the_command_generates_the_committed_reference() -> None:
    command = [sys.executable, "-m", "harness.language.case_format"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == (ROOT / "docs" / "case-format.md").read_text("utf-8"), f"run: {COMMAND}"


def test_yaml_of_an_example_is_short_and_has_its_value() -> None:
    long = {"a": {"b?": "x" * 80, "c": [1, {"d": None}]}, "e": [{"f": "y" * 99}, "$.g"]}
    assert yaml.load("\n".join(yaml_lines(long)), yaml.SafeLoader) == long
    assert [*yaml_lines({"a": {"b?": 1}})] == ["a: {'b?': 1}"]


def test_every_behaviour_and_check_is_in_the_reference() -> None:
    text = markdown()
    names = [*BY_ID, *check_definitions()]
    assert [name for name in names if f"\n### {name}\n" not in text] == []


@pytest.mark.parametrize("behaviour", [*BY_ID])
def test_the_example_of_a_behaviour_can_be_planned(behaviour: str, tmp_path: Path) -> None:
    examples = definitions()[behaviour]["examples"]
    [case] = load(tmp_path / "my-pack", yaml.safe_dump({"cases": examples})).cases
    assert case.behaviour == behaviour
    assert plan(case, INLINE_PACK, TARGET).assertions


@pytest.mark.parametrize("check", [*check_definitions()])
def test_the_example_of_a_check_loads(check: str, tmp_path: Path) -> None:
    [example] = check_definitions()[check]["examples"]
    steps = [{"name": "first"}, {"name": "second"}]
    case = {"id": "a", "row": "r", "steps": steps, "expect": {check: example}}
    assert len(load(tmp_path / "my-pack", yaml.safe_dump({"cases": [case]})).cases) == 1


def test_the_example_of_the_introduction_loads(tmp_path: Path) -> None:
    _, _, text = INTRODUCTION.partition("```yaml\n")
    assert len(load(tmp_path / "my-pack", text.partition("```")[0]).cases) == 2


@pytest.mark.parametrize("path", CASE_FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_shipped_files_are_read_by_any_yaml_parser(path: Path) -> None:
    """The pure Python parser is stricter than libyaml's about unquoted keys."""
    text = path.read_text("utf-8")
    assert yaml.load(text, yaml.SafeLoader) == yaml.load(text, StringKeysLoader)
    assert text.startswith(MODELINE)
    schema = text.partition("$schema=")[2].partition("\n")[0]
    assert (path.parent / schema).resolve().is_file()


class StringKeysLoader(yaml.SafeLoader):
    """Resolves plain scalars as YAML 1.2 does: `yes`, `no`, `on` and `off` are strings."""


StringKeysLoader.yaml_implicit_resolvers = {
    first: [
        (tag, pattern)
        for tag, pattern in resolvers
        if tag != "tag:yaml.org,2002:bool" or first in "tTfF"
    ]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}

# the old form of a case, and the new one in the message
OLD: list[tuple[str, str]] = [
    ("request: {seed: 1}", "`request` is the whole request; write `request: {body: {seed: 1}}`"),
    ("http: {auth: none}", "`request` is the whole request; write `request: {auth: none}`"),
    ("raw: '{'", "write `request: {raw: ...}`"),
    ("omit: [model]", "write `request: {omit: [model]}`"),
    ("at: /messages/0/name", "write `field: $.messages[0].name`"),
    ("also: [r2]", "list all rows in `row`: `row: [first, second]`"),
    ("behavior: ignored", "write `behaviour`"),
    ("name: b", "write `id`"),
    ("wrong: [x]", "write `wrong_type_values`"),
    ("burst: 40", "write `repeat`"),
    ("expect: {steps_agree: [{paths: {a: $.b, c: $.d}, pairs: [[1, 2]]}]}", "write `values`"),
    ("refusal: {status: 429}", "write `when`"),
    ("obeyed_if: {pattern: x}", "write `schema`"),
    ("joined: {messages: []}", "write `control: {body: {messages: []}}`"),
    ("upstream: {text: a, stop_sequence: b}", "write `stop_reason: {stop_sequence: b}`"),
    ("expect: {any: [{status: ok}, {status: 400}]}", "write `any_of`"),
    ("should: {when: {status: 400, fails: [cut]}}", "write `error_signalled_by`"),
    ("expect: {forwarded: {times: {const: 1}}}", "write `count`"),
    ("may: {same_as: {control: {request: {a: 1}}, paths: [$.a]}}", "has `body` and `omit`"),
    ("assume: {control: {omit: [a], status: ok}}", "`control` is a key of the case"),
    ("client: {sdk: curl, script: plain, auth: wrong}", "write `request: {auth: ...}`"),
    ("upstream: {reply: {text: a}}", "its keys belong to `upstream` itself"),
    ("other_values: [2]", "write `values`"),
    ("range: {min: 0, max: 1}", "write `range: [0, 1]`"),
    ("header: retry-after", "write `path: header retry-after`"),
    ("trigger: {body: {seed: 1}}", "write `request: {body: {seed: 1}}`"),
    ("client: {sdk: curl, script: snippet, snippet: a/b}", "write `script: a/b`"),
    ("upstream: {native_stop_reason: x}", "write `stop_reason: x`"),
    ("upstream: {usage: {cache_read: 1}}", "write `cache_read_input_tokens`"),
    ("upstream: {stream: {delta_size: 2}}", "write `split: 2`"),
    ("upstream: {stream: {byte_by_byte: true}}", "write `split: bytes`"),
    ("upstream: {stream: {fail: {after: 2, with: drop}}}", "write `fail: {error: N}`"),
    ("upstream: {parts: [{tool: {name: f, input: {}}}]}", "write `tool: {NAME: {}}`"),
    ("steps: [{name: a, http: {path: /x}}]", "write `request: {path: /x}`"),
]


@pytest.mark.parametrize(("line", "message"), OLD, ids=[line for line, _ in OLD])
def test_the_old_form_is_rejected_with_the_new_one(line: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(FileProblems) as raised:
        load(tmp_path / "my-pack", f"cases:\n  - id: a\n    row: r\n    {line}\n")
    assert [text for _, text in raised.value.problems if message in text]


def test_no_shipped_case_has_the_old_form() -> None:
    packs = load_packs([path.parent.name for path in CASE_FILES], tuple(BY_ID))
    assert [
        case.name for pack in packs for case in pack.cases if [*old_keys.old_case_keys(case.spec)]
    ] == []
