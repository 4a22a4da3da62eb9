"""Profiles rest on what a pack's version requires: frozen once, and never changed by what comes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from harness.language.behaviours import BY_ID
from harness.load.packs import load_packs
from harness.load.requirements import (
    cases_added_since,
    cases_in,
    requirement_problems,
    requirements_path,
)
from harness.model import Pack
from harness.model.cases import Requirements
from harness.report.profiles import overall_result, profiles
from tests.support import pack_on_disk
from tests.support.inline_pack import PACK

FROZEN = Requirements(
    "sha256:12",
    {
        "core": {"core": ("a", "b"), "tools": ("t",)},
        "extended": {"vision": ("v",), "models": ("m", "n")},
        "opt-in": {"limits": ("l",)},
    },
)
WHOLE = dict.fromkeys("abtvmn", "pass")


def entry(name: str, outcome: str, *rules: str) -> Any:
    findings = [{"rule": rule} for rule in rules]
    return {
        "id": name, "pack": PACK.id, "outcome": outcome, "findings": findings,
        "tier": "core", "feature": "core", "row": name, "behaviour": "supported",
        "evidence": "effect",
    }  # fmt: skip


def profiles_by_name(outcomes: Mapping[str, str], pack: Pack | None = None) -> dict[str, Any]:
    cases = [entry(name, outcome) for name, outcome in outcomes.items()]
    made = profiles([pack or replace(PACK, frozen=FROZEN)], cases, [])
    return {one["profile"]: one for one in made}


def results(outcomes: Mapping[str, str]) -> tuple[str, str, str]:
    made = profiles_by_name(outcomes)
    return made["core"]["result"], made["extended"]["result"], overall_result(made.values())


def test_feature_whose_cases_were_only_accepted_is_not_shown() -> None:
    cases = [entry(name, "pass") for name in WHOLE]
    for case in cases:
        case["evidence"] = "accepted" if case["id"] == "v" else "effect"
    made = profiles([replace(PACK, frozen=FROZEN)], cases, [])
    [extended] = [each for each in made if each["profile"] == "extended"]
    assert (extended["claimed"], extended["shown"]) == (["vision", "models"], ["models"])


def test_a_complete_run_is_conformant_and_lists_unselected_features() -> None:
    made = profiles_by_name(WHOLE)
    assert made["core"]["claimed"] == made["core"]["shown"] == ["core", "tools"]
    assert made["core"]["not_claimed"] == []
    assert made["extended"]["shown"] == ["vision", "models"]
    assert made["extended"]["not_claimed"] == ["limits"]
    assert made["extended"]["requirements"] == "sha256:12"
    assert (made["core"]["required"], made["extended"]["required"]) == (3, 3)
    assert overall_result(made.values()) == "conformant"


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"m": "skip", "n": "fail"}, ("conformant", "non-conformant", "non-conformant")),
        ({}, ("conformant", "conformant", "conformant")),
        ({"a": "warn"}, ("conformant", "conformant", "conformant")),
        ({"a": "fail"}, ("non-conformant", "conformant", "non-conformant")),
        ({"a": "inconclusive"}, ("partial", "conformant", "partial")),
        ({"a": "skip"}, ("partial", "conformant", "partial")),
        ({"v": "skip"}, ("conformant", "conformant", "conformant")),
        ({"v": "fail"}, ("conformant", "non-conformant", "non-conformant")),
        ({"v": "inconclusive"}, ("conformant", "partial", "conformant")),
        ({"l": "pass"}, ("conformant", "conformant", "conformant")),
        ({"l": "fail"}, ("conformant", "non-conformant", "non-conformant")),
        ({"v": "skip", "m": "skip", "n": "skip"}, ("conformant", "partial", "conformant")),
    ],
)
def test_the_result_of_each_profile(changed: Mapping[str, str], expected: tuple[str, ...]) -> None:
    assert results({**WHOLE, **changed}) == expected


@pytest.mark.parametrize("gone", ["a", "m"])
def test_a_required_case_that_was_not_judged_is_not_shown(gone: str) -> None:
    made = profiles_by_name({name: result for name, result in WHOLE.items() if name != gone})
    profile = made["core" if gone == "a" else "extended"]
    assert (profile["result"], profile["totals"]["missing"]) == ("partial", 1)


def test_a_case_that_was_added_later_does_not_count() -> None:
    assert results({**WHOLE, "new": "fail"}) == ("conformant",) * 3


def test_a_declared_deviation_is_not_shown() -> None:
    cases = [entry(name, outcome) for name, outcome in WHOLE.items() if name != "a"]
    cases.append(entry("a", "warn", "claim.deviates"))
    core, _ = profiles([replace(PACK, frozen=FROZEN)], cases, [])
    assert (core["result"], core["totals"]["warn"]) == ("partial", 1)
    assert core["shown"] == ["tools"]


def test_where_nothing_is_frozen_every_case_counts() -> None:
    made = profiles_by_name({"a": "pass", "new": "fail"}, PACK)
    assert made["core"]["result"] == "non-conformant"
    assert made["core"]["requirements"] == ""
    assert overall_result([]) == "partial"


def loaded(folder: Path) -> Pack:
    return load_packs([str(folder)], tuple(BY_ID))[0]


def test_a_frozen_version_never_changes(tiny_pack: Path) -> None:
    result = pack_on_disk.harness("freeze", tiny_pack)
    assert (result.code, result.err) == (0, "")
    path = requirements_path(tiny_pack, "1.2.3")
    before = path.read_bytes()
    pack = loaded(tiny_pack)
    assert pack.frozen is not None
    assert [*cases_in(pack.frozen.profiles)] == [
        *(("core", "core", name) for name in ("answer", "seed", "n")),
        ("opt-in", "limits", "burst"),
    ]
    assert pack_on_disk.harness("freeze", tiny_pack).code == 0
    more = "  - {id: more, row: more, modes: [plain], request: {body: {user: me}}}\n"
    pack_on_disk.pack(tiny_pack, pack_on_disk.CASES + more)
    result = pack_on_disk.harness("freeze", tiny_pack)
    assert result.code == 4
    assert "already exists with other cases: raise the version of tiny" in result.err
    assert path.read_bytes() == before
    assert [*cases_added_since(loaded(tiny_pack))] == ["more"]
    result = pack_on_disk.harness("check", tiny_pack)
    assert (result.code, "1 not required before the next version" in result.out) == (0, True)


def test_a_frozen_profile_ignores_new_cases(
    tiny_pack: Path,
) -> None:
    pack_on_disk.harness("freeze", tiny_pack)
    more = "  - {id: more, row: more, expect: {status: refused}}\n"
    pack_on_disk.pack(tiny_pack, pack_on_disk.CASES + more)
    assert pack_on_disk.run(tiny_pack).code == 1
    report = pack_on_disk.read_report(tiny_pack.parent / "out")
    assert report["result"] == "non-conformant"
    actual = {one["profile"]: one["result"] for one in report["profiles"]}
    assert actual == {"core": "conformant", "extended": "partial"}


def test_check_reports_required_cases_that_are_missing_or_moved(tiny_pack: Path) -> None:
    pack_on_disk.harness("freeze", tiny_pack)
    changed = pack_on_disk.CASES.replace("id: answer", "id: other").replace("feature: limits", "")
    pack_on_disk.pack(tiny_pack, changed)
    result = pack_on_disk.harness("check", tiny_pack)
    assert result.code == 4
    assert sorted("`" + line.partition("`")[2] for line in result.lines) == [
        "`answer` is gone: restore it, or raise the version",
        "`burst` is required as opt-in, limits, but is core, core now: change it back, or raise "
        "the version",
    ]


@pytest.mark.parametrize(
    ("old", "new", "actual"),
    [
        ("pack: tiny", "pack: other", "`other` should be `tiny`"),
        ("version: 1.2.3", "version: 1.2.4", "`1.2.4` should be `1.2.3`"),
        ("core:", "kern:", "kern"),
        ("pack: tiny", "pack: [", "1.2.3.yaml"),
    ],
)
def test_invalid_requirements_are_reported(
    tiny_pack: Path, old: str, new: str, actual: str
) -> None:
    pack_on_disk.harness("freeze", tiny_pack)
    path = requirements_path(tiny_pack, "1.2.3")
    path.write_text(path.read_text("utf-8").replace(old, new, 1), "utf-8")
    result = pack_on_disk.harness("check", tiny_pack)
    assert result.code == 4
    assert actual in result.err


def test_requirements_that_cannot_be_written_are_one_line(tiny_pack: Path) -> None:
    (tiny_pack / "requirements").write_text("", "utf-8")
    result = pack_on_disk.harness("freeze", tiny_pack)
    assert (result.code, "cannot write" in result.err) == (4, True)


def test_every_pack_that_ships_is_frozen_and_whole() -> None:
    for pack in load_packs(["openai-compat", "anthropic-messages", "cross-protocol"], tuple(BY_ID)):
        assert pack.frozen is not None, pack.id
        assert [*requirement_problems(pack)] == []
