"""Packs are loaded, or every mistake in all their files is reported with its place and a fix."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from harness.language.behaviours import BY_ID
from harness.load.pack_folders import pack_folder
from harness.load.packs import load_packs
from harness.model import Pack, Place
from harness.util.errors import FileProblems, UsageError

IDS = tuple(BY_ID)
PACK = """\
id: one
version: 1.0.0
title: A pack
protocol: openai
sources: {page: {title: A page}}
body: {model: $model, messages: [$base.user]}
modes: {plain: {}, stream: {stream: true}}
define:
  base: {user: {role: user, content: hi}}
  part: [1, 2]
answers: {plain: {}}
features: {core: core, tools: core}
"""
ROWS = """\
rows:
  - {id: top_p, path: top_p, location: request, behaviour: supported, source: page}
  - {id: message.user.name, path: name, location: message, behaviour: ignored, source: [page, seed]}
"""
CASE = "cases:\n  - {id: a, row: top_p}\n"


def write_pack(folder: Path, **files: str) -> Path:
    """Write pack.yaml, rows.yaml and cases.yaml, or other texts for them; return the folder."""
    folder.mkdir(exist_ok=True)
    for name, text in {"pack": PACK, "rows": ROWS, "cases": CASE, **files}.items():
        (folder / f"{name}.yaml").write_text(dedent(text), encoding="utf-8")
    return folder


def load_pack(folder: Path) -> Pack:
    return load_packs([str(folder)], IDS)[-1]


def problems(*folders: Path) -> list[str]:
    """Return `cases.yaml:3:5: message` for each problem."""
    with pytest.raises(FileProblems) as caught:
        load_packs([str(folder) for folder in folders], IDS)
    return [f"{Path(at.path).name}:{at.line}:{at.column}: {t}" for at, t in caught.value.problems]


def problems_of_case(folder: Path, *lines: str) -> list[str]:
    """Return the problems of a case, whose lines are those of the file from the second on."""
    text = "cases:\n" + "".join(
        f"  {'- ' if index == 0 else '  '}{line}\n" for index, line in enumerate(lines)
    )
    return problems(write_pack(folder, cases=text))


def test_pack_has_the_content_of_its_files(tmp_path: Path) -> None:
    pack = load_pack(write_pack(tmp_path / "one"))
    assert (pack.id, pack.version, pack.protocol, pack.extends) == ("one", "1.0.0", "openai", ())
    assert [row.id for row in pack.rows] == ["top_p", "message.user.name"]
    assert [row.source for row in pack.rows] == [("page",), ("page", "seed")]
    [case] = pack.cases
    assert (case.name, case.row, case.feature, case.also) == ("one/a", "top_p", "core", ())
    assert (case.place.line, case.place.column) == (2, 5)


def test_a_place_in_a_case_is_where_it_was_write_pack(tmp_path: Path) -> None:
    cases = """cases:
  - id: a
    row: top_p
    expect:
      body: {"$['a/b']": 1}"""
    [case] = load_pack(write_pack(tmp_path / "one", cases=cases)).cases
    inner = case.at("/expect/body/$['a~1b']")
    assert (case.at("/expect").line, case.at("/expect").column) == (4, 5)
    assert (inner.line, inner.column) == (5, 14)
    assert case.at("/expect/gone").line == 4
    assert case.at("/gone") == case.place


def test_pack_without_rows_accepts_any_row(tmp_path: Path) -> None:
    folder = write_pack(tmp_path / "one", cases=CASE.replace("top_p", "whatever"))
    (folder / "rows.yaml").unlink()
    assert load_pack(folder).cases[0].row == "whatever"


def test_pack_inherits_key_by_key_and_can_override(tmp_path: Path) -> None:
    write_pack(tmp_path / "one")
    child = """\
        id: two
        version: 2.0.0
        title: Another
        protocol: openai
        extends: [one]
        body: {model: $model, extra: $mine}
        define: {mine: 1}
        features: {tools: extended, vision: opt-in}
        """
    cases = "cases:\n  - {id: b, row: top_p, feature: vision}\n"
    rows = ROWS.replace("message.user.name", "mine")
    one, two = load_packs(
        [str(write_pack(tmp_path / "two", pack=child, cases=cases, rows=rows))], IDS
    )
    assert one.id == "one"
    assert two.body == {**one.body, "extra": "$mine"}
    assert two.define == {**one.define, "mine": 1}
    assert two.features == {"core": "core", "tools": "extended", "vision": "opt-in"}
    assert two.modes == one.modes
    assert two.sources == one.sources


def test_pack_that_two_extend_is_loaded_once(tmp_path: Path) -> None:
    write_pack(tmp_path / "one")
    for name in ("two", "three"):
        pack = f"id: {name}\nversion: 1.0.0\ntitle: t\nprotocol: openai\nextends: [one]\n"
        write_pack(tmp_path / name, pack=pack)
    packs = load_packs([str(tmp_path / "two"), str(tmp_path / "three"), str(tmp_path / "one")], IDS)
    assert [pack.id for pack in packs] == ["one", "two", "three"]


def test_digest_depends_on_every_yaml_file(tmp_path: Path) -> None:
    before = load_pack(write_pack(tmp_path / "one")).digest
    assert load_pack(write_pack(tmp_path / "two")).digest == before
    for change in ({"cases": CASE + " \n"}, {"rows": ROWS + "\n"}, {"pack": PACK + "\n"}):
        assert load_pack(write_pack(tmp_path / "one", **change)).digest != before
    moved = write_pack(tmp_path / "one")
    (moved / "cases.yaml").rename(moved / "other.yaml")
    assert load_pack(moved).digest != before


def test_mistakes_in_all_files_are_reported_in_order(tmp_path: Path) -> None:
    cases = """cases:
  - {id: a, row: gone}
  - {id: b, row: top_p, behaviour: suported}
  - {id: c, row: top_p, expct: {}}"""
    rows = ROWS + "  - {id: top_p, path: x, location: request, behaviour: ignored}\n"
    pack = PACK + "more: 1\n"
    expected = problems(write_pack(tmp_path / "one", cases=cases, rows=rows))
    assert expected == [
        'cases.yaml:3:25: "suported" should be one of '
        '"supported", "honoured_or_refused", "ignored", "clamped", "exactly", "rejected", '
        '"required", "always_empty", "always", "present", "hoisted", "stripped", …; '
        "did you mean `supported`?",
        "cases.yaml:4:25: unknown key `expct`; did you mean `expect`?",
        "rows.yaml:4:6: duplicate row id `top_p`",
    ]
    [text] = problems(write_pack(tmp_path / "one", pack=pack))
    assert text == "pack.yaml:13:1: unknown key `more`"


def test_invalid_rows_file_is_reported_once(tmp_path: Path) -> None:
    expected = problems(write_pack(tmp_path / "one", rows="rows: [{id: x}]\n"))
    assert {line.partition(":")[0] for line in expected} == {"rows.yaml"}


# Name, the lines of a case, and the beginning of each problem.
MISTAKES: list[tuple[str, list[str], list[str]]] = [
    (
        "unknown row similar to another",
        ["id: a", "row: topp", "behaviour: supported"],
        ["cases.yaml:3:5: no row `topp` in this pack; did you mean `top_p`?"],
    ),
    (
        "unknown second row",
        ["id: a", "row: [top_p, zzzz]"],
        ["cases.yaml:3:18: no row `zzzz` in this pack; add it to rows.yaml"],
    ),
    (
        "unknown feature similar to another",
        ["id: a", "row: top_p", "behaviour: supported", "feature: tolls"],
        ["cases.yaml:5:5: no feature `tolls` in this pack; did you mean `tools`?"],
    ),
    (
        "unknown feature",
        ["id: a", "row: top_p", "behaviour: supported", "feature: vision"],
        ["cases.yaml:5:5: no feature `vision` in this pack; add it to `features` in pack.yaml"],
    ),
    (
        "missing path",
        ["id: a", "row: top_p", "behaviour: present"],
        ["cases.yaml:2:5: the key `path` is missing"],
    ),
    (
        "header without path",
        ["id: a", "row: top_p", "behaviour: always", "value: 1", "path: $.a", "header: b"],
        ["cases.yaml:7:5: unknown key `header`: write `path: header b`"],
    ),
    (
        "value without a field",
        ["id: a", "row: message.user.name", "behaviour: ignored", "values: [1]"],
        ["cases.yaml:2:5: name with `field` where in the request `message.user.name` is"],
    ),
    (
        "required without a field",
        ["id: a", "row: message.user.name", "behaviour: required"],
        ["cases.yaml:2:5: name with `field` where in the request `message.user.name` is"],
    ),
    (
        "request beside steps",
        ["id: a", "row: top_p", "request: {body: {}}", "steps: [{name: a}]"],
        ["cases.yaml:4:5: with `steps`, `request` belongs to one of them"],
    ),
    (
        "steps with the same name",
        ["id: a", "row: top_p", "behaviour: supported", "steps:", "  - {name: a}", "  - {name: a}"],
        [
            "cases.yaml:6:10: two steps are called `a`",
            "cases.yaml:7:10: two steps are called `a`",
        ],
    ),
    (
        "invalid path",
        ["id: a", "row: top_p", "behaviour: present", "path: $.a["],
        ["cases.yaml:5:5: not a JSONPath: $.a[: "],
    ),
    (
        "invalid schema",
        ["id: a", "row: top_p", "behaviour: present", "path: $.a", "schema: {type: strin}"],
        ["cases.yaml:6:5: not a JSON Schema: "],
    ),
    (
        "unknown schema keyword",
        ["id: a", "row: top_p", "behaviour: supported", "expect:", "  headers:",
         "    request-id: {patern: x}"],
        ["cases.yaml:7:9: not a JSON Schema: `patern` is not a JSON Schema keyword"],
    ),
    (
        "unknown schema similar to another",
        ["id: a", "row: top_p", "behaviour: supported", "should: {schema: openai/eror}"],
        ["cases.yaml:5:14: no schema `openai/eror`; did you mean `openai/error`?"],
    ),
    (
        "unknown schema",
        ["id: a", "row: top_p", "behaviour: supported", "may: {schema: x/y}"],
        ["cases.yaml:5:11: no schema `x/y`; there are anthropic/"],
    ),
    (
        "invalid paths at every depth",
        [
            "id: a", "row: top_p", "behaviour: supported",
            'expect: {body: {"$[": {}}}',
            'should: {any_of: [{events: {"$]": {}}}, {sum: {$.a: ["$(", $.b]}}]}',
            "may: {when: {status: 429, unique: [$.., header x]}}",
            'control: {expect: {same_as: {control: {omit: [a]}, paths: ["$.a.["]}}}',
        ],
        [
            "cases.yaml:5:21: not a JSONPath",
            "cases.yaml:6:33: not a JSONPath",
            "cases.yaml:6:58: not a JSONPath",
            "cases.yaml:7:40: not a JSONPath",
            "cases.yaml:8:64: not a JSONPath",
        ],
    ),
    (
        "undefined name",
        ["id: a", "row: top_p", "behaviour: supported", "request: {body: {a: [$base.usr, $modl]}}"],
        [
            "cases.yaml:5:26: $base.usr is not defined; did you mean $base.user?",
            "cases.yaml:5:37: $modl is not defined; did you mean $model?",
        ],
    ),
    (
        "undefined name in a value, a control and an assumption",
        [
            "id: a", "row: top_p", "behaviour: ignored", "values: [$gone]",
            "expect: {same_as: {control: {body: {a: $lost}}, paths: [$.a]}}",
            "control: {body: {b: $away}, expect: {status: ok}}",
        ],
        ["cases.yaml:5:14: $gone is", "cases.yaml:6:41: $lost is", "cases.yaml:7:22: $away is"],
    ),
    (
        "name among expected values",
        [
            "id: a", "row: top_p", "behaviour: supported",
            "expect: {body: {$.model: $model}, headers: {x-id: $gone}}",
        ],
        [
            "cases.yaml:5:21: $model is filled in only in requests",
            "cases.yaml:5:49: $gone is filled in only in requests",
        ],
    ),
    (
        "name used before its capture, and a capture that hides another name",
        [
            "id: a", "row: top_p", "behaviour: supported", "steps:",
            "  - {name: a, request: {body: {x: $call}}, capture: {call: $.id, base: $.b}}",
            "  - {name: b, request: {body: {x: $call}}}",
        ],
        [
            "cases.yaml:6:36: $call is not defined",
            "cases.yaml:6:70: the capture `base` hides the pack's $base",
        ],
    ),
    (
        "unknown key in the answers of a limit",
        [
            "id: a", "row: top_p", "behaviour: limited", "repeat: 5",
            "when: {status: 429, heders: 1}",
        ],
        ["cases.yaml:6:25: unknown key `heders`; did you mean `headers`?"],
    ),
]  # fmt: skip


@pytest.mark.parametrize(
    ("lines", "expected"), [row[1:] for row in MISTAKES], ids=[r[0] for r in MISTAKES]
)
def test_mistake_in_a_case_is_reported_with_its_place(
    tmp_path: Path, lines: list[str], expected: list[str]
) -> None:
    messages = problems_of_case(tmp_path / "one", *lines)
    assert len(messages) == len(expected), messages
    for line, begins in zip(messages, expected, strict=True):
        assert line.startswith(begins)


VALID_CASES: list[list[str]] = [
    ["id: a", "row: top_p", "behaviour: supported", 'expect: {body: {$.x: {$ref: openai/error}}}'],
    ["id: a", "row: top_p", "behaviour: supported", "request: {body: {expect: 1, paths: ['$[']}}"],
    ["id: a", "row: top_p", "behaviour: supported", "values: [1]"],
    ["id: a", "row: message.user.name", "behaviour: ignored", "field: $.a", "values: [$part]"],
    ["id: a", "row: message.user.name", "behaviour: present", "path: $.a"],
    ["id: a", "row: message.user.name", "behaviour: supported"],
    ["id: a", "row: top_p", "behaviour: supported", "expect: {unique: [header a, $.id]}"],
    ["id: a", "row: top_p", "behaviour: supported", "request: {body: {a: $$price, b: price $5}}"],
    [
        "id: a", "row: top_p", "behaviour: supported", "expect:", "  body:",
        "    $.x: {properties: {unique: {const: [1]}, schema: {const: nope}}}",
    ],
]  # fmt: skip


@pytest.mark.parametrize("lines", VALID_CASES, ids=range(len(VALID_CASES)))
def test_valid_case_has_no_problems(tmp_path: Path, lines: list[str]) -> None:
    text = "cases:\n  - " + "\n    ".join(lines) + "\n"
    assert len(load_pack(write_pack(tmp_path / "one", cases=text)).cases) == 1


def test_case_id_is_unique_in_a_pack(tmp_path: Path) -> None:
    folder = write_pack(tmp_path / "one", more=CASE, cases=CASE + CASE.partition("\n")[2])
    expected = problems(folder)
    assert expected[0].startswith("cases.yaml:3:5: duplicate case id `a`; first used at ")
    assert expected[0].endswith("cases.yaml:2:5")
    assert expected[1].startswith("more.yaml:2:5: duplicate case id `a`; first used at ")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "cases.yaml:1:1: the file is empty"),
        ("- a\n", "cases.yaml:1:1: "),
        ("cases: {}\n", "cases.yaml:1:1: "),
        ("cases: []\n", "cases.yaml:1:1: a file of cases holds at least one"),
        ("cases: [7]\n", "cases.yaml:1:9: a case is a mapping with `id` and `row`"),
        ("cases: [\n", "cases.yaml:2:1: "),
        ("pack: two\n" + CASE, "cases.yaml:1:1: this folder is the pack `one`, not `two`"),
        (CASE + "case: 1\n", "cases.yaml:3:1: unknown key `case`"),
        (
            "cases:\n  - {id: a, row: top_p, request: {body: {a: 012}}}\n",
            "cases.yaml",
        ),
    ],
)
def test_invalid_case_file_is_reported_once(tmp_path: Path, text: str, expected: str) -> None:
    [message] = problems(write_pack(tmp_path / "one", cases=text))
    assert message.startswith(expected)


def test_unreadable_file_is_reported(tmp_path: Path) -> None:
    folder = write_pack(tmp_path / "one")
    (folder / "latin.yaml").write_bytes(b"cases: \xff\n")
    (folder / "gone.yaml").symlink_to(tmp_path / "nowhere")
    (folder / "late.yml").write_text(CASE)
    assert problems(folder) == [
        "gone.yaml:1:1: cannot read: No such file or directory",
        "late.yml:1:1: case files have the suffix .yaml; rename this one",
        "latin.yaml:1:1: cannot read: it is not UTF-8",
    ]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ("extends: [gone]\n", "pack.yaml:13:11: no pack `gone`; there are "),
        ("extends: [one]\n", "pack.yaml:13:1: `one` extends itself: one -> one"),
        ("answer: {}\n", "pack.yaml:13:1: unknown key `answer`; did you mean `answers`?"),
    ],
)
def test_mistake_in_pack_yaml_is_reported(tmp_path: Path, change: str, expected: str) -> None:
    messages = problems(write_pack(tmp_path / "one", pack=PACK + change))
    assert messages[0].startswith(expected)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("body: {model: $modl}", "$modl is not defined; did you mean $model?"),
        ("answers: {plain: {body: {a: $gone}}}", "$gone is not defined"),
        ("modes: {plain: {a: $gone}}", "$gone is not defined"),
        ("define: {base: {user: $base.user}}", "$base.user refers to itself"),
    ],
)
def test_undefined_name_in_pack_yaml_is_reported(tmp_path: Path, line: str, expected: str) -> None:
    key = line.partition(":")[0]
    rest = [text for text in PACK.splitlines() if not text.startswith((key, "  base", "  part"))]
    kept = [text for text in rest if key != "define" or not text.startswith("base")]
    if key != "define":
        kept = [t for t in kept if not t.startswith("define")]
        kept.append("define: {base: {user: 1}}")
    messages = problems(write_pack(tmp_path / "one", pack="\n".join([*kept, line]) + "\n"))
    assert any(expected in text for text in messages), messages


def test_packs_that_extend_each_other_are_reported(tmp_path: Path) -> None:
    for name, other in (("one", "two"), ("two", "one")):
        pack = PACK.replace("id: one", f"id: {name}") + f"extends: [{other}]\n"
        write_pack(tmp_path / name, pack=pack)
    [text] = problems(tmp_path / "one")
    assert text.endswith("`one` extends itself: one -> two -> one")


def test_two_packs_with_one_id_are_reported(tmp_path: Path) -> None:
    first, second = write_pack(tmp_path / "one"), write_pack(tmp_path / "copy")
    [text] = problems(first, second)
    assert "another pack has the id `one`" in text


@pytest.mark.parametrize("name", ["panel", "shared"])
def test_reserved_pack_id_is_reported(tmp_path: Path, name: str) -> None:
    folder = write_pack(tmp_path / "one", pack=PACK.replace("id: one", f"id: {name}"))
    assert any("choose another one" in text for text in problems(folder))


def test_pack_is_found_by_folder_or_name(tmp_path: Path) -> None:
    assert pack_folder(str(write_pack(tmp_path / "one"))) == tmp_path / "one"
    assert pack_folder("openai-chat").name == "openai-chat"
    with pytest.raises(UsageError, match="no pack `gone`; there are anthropic-messages,"):
        pack_folder("gone")


def test_shipped_packs_have_no_mistakes() -> None:
    chat, compat = load_packs(["openai-compat"], IDS)
    assert (chat.id, compat.id, compat.extends) == (
        "openai-chat",
        "openai-compat",
        ("openai-chat",),
    )
    # Mutants name cases without their pack, apart from those that need a provider.
    usual = [case for pack in (chat, compat) for case in pack.cases if case.feature != "upstream"]
    names: list[str] = [case.id for case in usual]
    assert len(names) == len(set(names))


def test_paths_in_messages_are_relative_to_the_working_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_pack(tmp_path / "one", rows=ROWS.replace("top_p,", "other,", 1))
    monkeypatch.chdir(tmp_path)
    with pytest.raises(FileProblems) as caught:
        load_packs(["one"], IDS)
    first: tuple[Place, Any] = caught.value.problems[0]
    assert str(first[0]) == "one/cases.yaml:2:13"
    assert str(caught.value).startswith("one/cases.yaml:2:13: no row `top_p`")
