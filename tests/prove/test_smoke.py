"""The smoke subset: few cases that kill many mutants."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from harness.language.behaviours import BY_ID
from harness.load.packs import load_packs
from harness.load.smoke import Smoke, load_smoke, smoke_problems, smoke_text
from harness.prove.smoke import Candidates, pick
from harness.run import Options, load_session
from harness.util import paths
from tests.support import pack_on_disk

SHIPPED = (
    "openai-chat",
    "openai-compat",
    "anthropic-messages",
    "openai-embeddings",
    "cross-protocol",
    "cross-responses",
    "openai-responses",
)


def candidates(kills: dict[str, set[str]], shots: dict[str, int]) -> Candidates:
    home = {name: min(by) for name, by in kills.items()}
    sent = {case: {f"{case}/{n}" for n in range(many)} for case, many in shots.items()}
    return Candidates(kills, home, sent)


def test_case_with_the_most_kills_for_each_shot_comes_first() -> None:
    kills = {f"m{n}": {"wide", f"own{n}"} for n in range(3)} | {"far": {"expensive"}}
    cases = candidates(kills, {"wide": 2, "own0": 1, "own1": 1, "own2": 1, "expensive": 10})
    homes = set(cases.home.values()) | {"wide"}
    assert pick(cases, cases.shots, (), homes) == ["wide"], (
        "the expensive case needs more than a fifth of the shots"
    )


def test_mutants_that_are_already_killed_do_not_count() -> None:
    kills = {"m1": {"a", "b"}, "m2": {"b"}}
    cases = candidates(kills, {"a": 1, "b": 1, "rest": 20})
    assert pick(cases, {"a", "rest"}, {"b"}, {"a", "b"}) == []
    assert pick(cases, {"a", "b", "rest"}, (), {"a", "b"}) == ["b"]


def test_mutants_of_other_packs_do_not_count() -> None:
    cases = candidates({"m1": {"elsewhere", "here"}}, {"here": 1, "elsewhere": 1, "rest": 20})
    assert pick(cases, {"here", "rest"}, (), {"here", "rest"}) == []


def test_shared_control_counts_once() -> None:
    kills = {"m1": {"a"}, "m2": {"b"}, "m3": {"c"}}
    cases = Candidates(
        kills,
        {"m1": "a", "m2": "b", "m3": "c"},
        {
            "a": {"x", "y", "a"},
            "b": {"x", "y", "b"},
            "c": {"1", "2", "3"},
            "r": set(map(str, range(9, 29))),
        },
    )
    assert pick(cases, cases.shots, (), cases.shots) == ["a", "b"]


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_pack_has_valid_smoke_cases(name: str) -> None:
    [pack] = [each for each in load_packs([name], tuple(BY_ID)) if each.id == name]
    assert [*smoke_problems(pack)] == []
    smoke = load_smoke(pack)
    assert len(smoke.cases) < len(pack.cases) / 2
    assert smoke.mutants / 3 < smoke.catches <= smoke.mutants


def test_smoke_cases_have_at_most_a_fifth_of_the_shots() -> None:
    session = load_session(Options())
    plans = {
        (pack.id, case.id): {shot.id for shot in session.plan(case).shots}
        for pack in session.packs.values()
        for case in pack.cases
        if pack.features.get(case.feature) != "opt-in"
    }
    subsets = [
        plans[pack.id, case] for pack in session.packs.values() for case in load_smoke(pack).cases
    ]
    assert len(set().union(*subsets)) <= len(set().union(*plans.values())) / 5 + 20


def with_smoke(pack: Path, *cases: str) -> Path:
    (pack / "smoke.json").write_text(smoke_text(Smoke(cases=cases, catches=3, mutants=7)), "utf-8")
    return pack


def test_smoke_run_reports_the_cases_that_it_leaves_out(tiny_pack: Path) -> None:
    with_smoke(tiny_pack, "seed")
    with pack_on_disk.gateway() as url:
        result = pack_on_disk.run_against(url, tiny_pack, "--smoke")
    out = tiny_pack.parent / "out"
    report = pack_on_disk.read_report(out)
    assert result.code == 0
    assert pack_on_disk.outcomes(out) == {"seed": "pass"}
    assert report["result"] == "partial"
    subset = "1 of 4 cases; of the faults that all of them catch (7 are known) these catch 3"
    assert report["selection"] == {"smoke": subset}
    assert f"Only the smoke subset was run: {subset}." in (out / "summary.md").read_text("utf-8")
    assert subset in " ".join(result.out.split())
    reasons = {one["id"]: one["reason"] for one in report["not_selected"]}
    assert reasons == {
        "answer": "not among --smoke",
        "n": "not among --smoke",
        "burst": "opt-in: --feature limits",
    }


def test_shards_of_a_smoke_run_are_merged(tiny_pack: Path) -> None:
    with_smoke(tiny_pack, "seed", "n")
    outs = [tiny_pack.parent / str(number) for number in (1, 2)]
    with pack_on_disk.gateway() as url:
        for number, out in enumerate(outs, 1):
            more = ("--model=builtin-1", "--api-key-env=TINY_KEY", f"--shard={number}/2")
            pack_on_disk.run(tiny_pack, *more, "--smoke", target=url, out=out)
    assert pack_on_disk.harness("merge", *outs, "--out", tiny_pack.parent / "m").code == 0
    report = pack_on_disk.read_report(tiny_pack.parent / "m")
    assert pack_on_disk.outcomes(tiny_pack.parent / "m") == {"seed": "pass", "n": "pass"}
    assert [*report["selection"]] == ["smoke"]


def test_smoke_run_needs_a_smoke_file(tiny_pack: Path) -> None:
    result = pack_on_disk.run(tiny_pack, "--smoke")
    assert result.code == 4
    assert "the pack tiny has no smoke.json" in result.err


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "not a file that `harness smoke` wrote"),
        (json.dumps({"cases": [], "catches": 1, "mutants": 1}), "not a file that `harness smoke`"),
        (json.dumps({"cases": ["n"], "catches": True, "mutants": 1}), "not a file that"),
        (json.dumps({"cases": ["nn"], "catches": 1, "mutants": 1}), "tiny has no case `nn`"),
    ],
)
def test_invalid_smoke_file_is_reported(tiny_pack: Path, text: str, message: str) -> None:
    (tiny_pack / "smoke.json").write_text(text, "utf-8")
    for result in (
        pack_on_disk.run(tiny_pack, "--smoke"),
        pack_on_disk.harness("check", tiny_pack),
    ):
        assert result.code == 4
        assert message in result.err


def test_smoke_command_writes_a_valid_smoke_file(tiny_pack: Path) -> None:
    result = pack_on_disk.harness("smoke", tiny_pack, "--workers", "1")
    assert result.code == 0
    [pack] = load_packs([str(tiny_pack)], tuple(BY_ID))
    smoke = load_smoke(pack)
    assert set(smoke.cases) <= {"answer", "seed", "n"}, "opt-in cases are left out"
    assert f"{smoke.catches} of {smoke.mutants} mutants" in result.out
    assert smoke.mutants > 0
    assert pack_on_disk.harness("check", tiny_pack).code == 0


def test_shipped_packs_have_smoke_files() -> None:
    assert sorted(p.parent.name for p in paths.cases_dir().glob("*/smoke.json")) == sorted(SHIPPED)
