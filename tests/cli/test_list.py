"""`harness list` prints the cases of packs, and which rows have cases."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from harness.load.pack_folders import shipped_packs
from tests.support import pack_on_disk

PACK = ("--pack", "openai-embeddings")
ROWS = """
rows:
  - {id: answer, path: a, location: request, behaviour: supported}
  - {id: seed, path: b, location: request, behaviour: ignored}
  - {id: n, path: n, location: request, behaviour: exactly}
  - {id: burst, path: b, location: request, behaviour: supported}
  - {id: bare, path: c, location: request, behaviour: ignored}
  - {id: excused, path: c, location: request, behaviour: ignored, not_testable: "not observable"}
"""


def test_list_prints_the_cases_of_all_shipped_packs() -> None:
    result = pack_on_disk.harness("list")
    assert result.code == 0
    headings = {line.split()[0] for line in result.out.splitlines() if line[0] != " "}
    assert headings == set(shipped_packs())
    assert "  temperature                                  clamped       temperature" in result.out


def test_list_prints_the_cases_of_one_pack(tiny_pack: Path) -> None:
    result = pack_on_disk.harness("list", "--pack", tiny_pack)
    first_words = [line.split()[0] for line in result.out.splitlines()]
    assert first_words == ["tiny", "answer", "seed", "n", "burst", "4"]


def test_coverage_fails_for_a_row_without_a_case_or_a_reason(tiny_pack: Path) -> None:
    (tiny_pack / "rows.yaml").write_text(ROWS, "utf-8")
    result = pack_on_disk.harness("list", "--coverage", "--pack", tiny_pack)
    assert result.code == 1
    lines = result.out.splitlines()[1:-1]
    cases = {line.split()[0]: line.split(maxsplit=2)[2] for line in lines}
    assert cases["bare"] == "UNCOVERED"
    assert cases["excused"] == "not testable: not observable"
    assert cases["seed"] == "seed"
    assert result.out.endswith("6 rows: 4 with cases, 1 not testable, 1 uncovered; 4 cases\n")


def test_shipped_packs_are_covered() -> None:
    assert pack_on_disk.harness("list", "--coverage").code == 0


def test_unknown_pack_is_reported_with_similar_names() -> None:
    result = pack_on_disk.harness("list", "--pack", "openai-compt")
    assert result.code == 4
    assert "no pack `openai-compt`; did you mean `openai-compat`?" in result.lines[0]


def test_lists_as_json_have_what_the_text_has(tiny_pack: Path) -> None:
    (tiny_pack / "rows.yaml").write_text(ROWS, "utf-8")
    cases = listed("--pack", tiny_pack)
    assert [case["id"] for case in cases] == ["answer", "seed", "n", "burst"]
    assert cases[1] == {
        "pack": "tiny",
        "id": "seed",
        "row": "seed",
        "behaviour": "ignored",
        "feature": "core",
        "why": "",
    }
    assert listed("--pack", tiny_pack, "--case", "n", "--case", "tiny/seed") == cases[1:3]
    rows = {row["row"]: row for row in listed("--pack", tiny_pack, "--coverage", code=1)}
    assert (rows["seed"]["cases"], rows["bare"]["cases"]) == (["seed"], [])
    assert rows["excused"]["not_testable"] == "not observable"
    assert {"id", "wrong", "why", "hint", "parts"} == set(listed("--rules")[0])


def listed(*words: str | Path, code: int = 0) -> list[dict[str, Any]]:
    result = pack_on_disk.harness("list", "--json", *words)
    assert result.code == code
    records: list[dict[str, Any]] = json.loads(result.out)
    return records


def test_mutants_are_chosen_by_pack_and_case() -> None:
    mutants = listed("--mutants", *PACK)
    assert {mutant["case"].partition("/")[0] for mutant in mutants} == {"openai-embeddings"}
    [one] = [mutant for mutant in mutants if mutant["id"] == "embeddings.user-crash"]
    assert one["kind"] == "mutant"
    assert (one["case"], bool(one["rule"])) == ("openai-embeddings/user", True)
    assert listed("--mutants", *PACK, "--case", "user") == [
        mutant for mutant in mutants if mutant["case"] == one["case"]
    ]
    text = pack_on_disk.harness("list", "--mutants", *PACK, "--case", "user").out
    assert text.startswith("openai-embeddings/user\n  embeddings.user-crash ")


def test_variants_are_chosen_by_protocol_and_row() -> None:
    own = {one["id"] for one in listed("--variants", *PACK)}
    chat = {one["id"] for one in listed("--variants", "--pack", "openai-compat")}
    assert {one for one in own if one.startswith("embeddings.")} - chat
    assert "transport.drops" in own & chat
    named = {one["id"] for one in listed("--variants", *PACK, "--case", "model.unknown")}
    assert "embeddings.one-model" in named < own


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("--mutants --coverage", "--coverage and --mutants contradict each other"),
        ("--rules --pack openai-chat", "--rules and --pack contradict each other"),
        ("--coverage --case n", "--coverage and --case contradict each other"),
        (
            "--mutants --pack openai-embeddings --case user.x",
            "no case `user.x`; did you mean `user`?",
        ),
    ],
)
def test_options_without_effect_are_one_line(words: str, message: str) -> None:
    result = pack_on_disk.harness("list", *words.split())
    assert (result.code, result.out, len(result.lines)) == (4, "", 1)
    assert message in result.err


def test_gateways_to_serve_are_listed_with_those_of_a_limited_transport() -> None:
    mutants = pack_on_disk.harness("list", "--mutants")
    variants = pack_on_disk.harness("list", "--variants")
    assert (mutants.code, variants.code) == (0, 0)
    assert "ignores max_tokens" in mutants.out
    assert "drops every fortieth request" in variants.out
    assert "max_tokens.ignored" not in variants.out
