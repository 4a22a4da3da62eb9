"""A fleet file gives a unit for each target, model and pack, at the pace of its host."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from harness.fleet.fleet_file import read_fleet
from harness.fleet.units import Limits, Unit
from harness.model.options import options_from
from harness.util.errors import FileProblems
from tests.support import pack_on_disk

A, B = "https://a.example/v1", "https://b.example/v1"


def fleet(folder: Path, **data: Any) -> tuple[Unit, ...]:
    path = folder / "fleet.yaml"
    path.write_text(json.dumps(data), "utf-8")
    return read_fleet(path)


def test_units_are_the_product_and_those_of_one_host_lie_between_others(tmp_path: Path) -> None:
    targets = [{"target": A, "name": "a"}, {"target": B, "models": ["n/1"]}]
    units = fleet(tmp_path, targets=targets, models=["m", "M 2"], packs=["openai-chat"])
    assert [unit.id for unit in units] == [
        "a/m/openai-chat",
        "b.example/n_2F1/openai-chat",
        "a/M_202/openai-chat",
    ]
    assert [*units[1].hosts] == ["b.example"]


def test_packs_and_model_of_a_target_are_the_default(tmp_path: Path) -> None:
    units = fleet(tmp_path, targets=[{"target": "builtin"}])
    assert {unit.model for unit in units} == {"builtin-1"}
    assert len({unit.pack for unit in units}) == len(units) > 1
    assert all(not unit.hosts and "--model" not in unit.words for unit in units)


def test_words_are_those_of_harness_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "conf"
    pack_on_disk.pack(folder / "tiny")
    [unit] = fleet(
        folder,
        targets=[{"target": A, "options": {"rpm": 30, "smoke": False}}],
        models=["m"],
        packs=["tiny"],
        options={"rpm": 10, "smoke": True, "case": ["x", "y"], "baseline": "base.yaml"},
    )
    words = [A, "--pack", "conf/tiny", "--name", "a.example", "--model", "m", "--rpm", "30"]
    words += ["--case", "x", "--case", "y", "--baseline", "conf/base.yaml"]
    assert list(unit.words) == words
    assert sorted(unit.files) == ["conf/base.yaml", "conf/tiny"]


def test_units_of_a_host_share_its_limits(tmp_path: Path) -> None:
    hosts = {"a.example": {"units": 4, "rpm": 60, "tpm": 1000, "concurrency": 6}}
    data = {"models": ["m"], "packs": ["openai-chat"]}
    [a, b] = fleet(tmp_path, targets=[{"target": A}, {"target": B}], hosts=hosts, **data)
    assert a.hosts == {"a.example": Limits(4, 60, 1000, 6)}
    assert a.words[-6:] == ("--rpm", "15", "--tpm", "250", "--concurrency", "1")
    assert b.hosts == {"b.example": Limits()}
    assert "--rpm" not in b.words


def test_limits_of_a_target_file_count_for_its_host(tmp_path: Path) -> None:
    endpoint = {"base_url": A, "model": "m"}
    target = {"name": "t", "endpoints": {"openai": endpoint}, "packs": ["openai-chat"]}
    path = tmp_path / "target.yaml"
    path.write_text(json.dumps({**target, "limits": {"rpm": 40}}), "utf-8")
    hosts = {"a.example": {"units": 2}}
    [unit] = fleet(tmp_path, targets=[{"target": "target.yaml"}], hosts=hosts)
    assert unit.hosts["a.example"].rpm == 40
    assert options_from({"rpm": float(unit.words[-1])}).rpm == 20
    assert len(unit.files) == 1


def two_hosts(folder: Path, first: str, second: str, **limits: Any) -> list[dict[str, Any]]:
    """Write a target file with an endpoint at each address, and return the fleet's targets."""
    urls = {"openai": first, "anthropic": second}
    endpoints = {name: {"base_url": url, "model": "m"} for name, url in urls.items()}
    packs = {"packs": ["openai-chat", "anthropic-messages"]}
    data = {"name": "t", "endpoints": endpoints, **packs, "limits": limits}
    (folder / "target.yaml").write_text(json.dumps(data), "utf-8")
    return [{"target": "target.yaml"}]


@pytest.mark.parametrize(
    ("of_a", "of_b", "words"),
    [
        ({"rpm": 60}, {"rpm": 40, "units": 2}, ("--rpm", "20")),
        ({}, {"rpm": 40, "concurrency": 3}, ("--rpm", "40", "--concurrency", "3")),
        ({"rpm": 30}, {"tpm": 500}, ("--rpm", "30", "--tpm", "500")),
    ],
    ids=str,
)
def test_a_unit_keeps_to_the_lowest_limits_of_its_hosts(
    of_a: dict[str, Any], of_b: dict[str, Any], words: tuple[str, ...], tmp_path: Path
) -> None:
    hosts = {"a.example": of_a, "b.example": of_b}
    units = fleet(tmp_path, targets=two_hosts(tmp_path, A, B), hosts=hosts)
    assert {unit.words[-len(words) :] for unit in units} == {words}
    limits = {"a.example": Limits(**of_a), "b.example": Limits(**of_b)}
    assert [unit.hosts for unit in units] == [limits] * 2


def test_all_ports_of_a_host_share_its_limits(tmp_path: Path) -> None:
    targets = [{"target": f"http://a.example:{port}/v1", "name": str(port)} for port in (81, 82)]
    hosts = {"a.example": {"rpm": 60}}
    data = {"models": ["m"], "packs": ["openai-chat"], "targets": targets}
    units = fleet(tmp_path, **data, hosts=hosts)
    assert [unit.hosts for unit in units] == [{"a.example": Limits(rpm=60)}] * 2


def test_a_port_with_limits_of_its_own_keeps_to_those_of_its_host_as_well(tmp_path: Path) -> None:
    targets = [{"target": f"http://a.example:{port}/v1", "name": str(port)} for port in (81, 82)]
    hosts = {"a.example": {"rpm": 60}, "a.example:82": {"rpm": 20, "units": 4}}
    data = {"models": ["m"], "packs": ["openai-chat"], "targets": targets}
    [first, second] = fleet(tmp_path, **data, hosts=hosts)
    assert first.hosts == {"a.example": Limits(rpm=60)}
    assert second.hosts == {"a.example": Limits(rpm=60), "a.example:82": Limits(4, 20)}
    assert [unit.words[-1] for unit in (first, second)] == ["60", "5"]


def test_ports_without_limits_are_hosts_of_their_own(tmp_path: Path) -> None:
    targets = [{"target": f"http://a.example:{port}/v1", "name": str(port)} for port in (81, 82)]
    units = fleet(tmp_path, targets=targets, models=["m"], packs=["openai-chat"])
    assert [[*unit.hosts] for unit in units] == [["a.example:81"], ["a.example:82"]]


def test_a_lower_limit_among_the_options_counts(tmp_path: Path) -> None:
    data = {"targets": [{"target": A}], "models": ["m"], "packs": ["openai-chat"]}
    [unit] = fleet(tmp_path, **data, options={"rpm": 10}, hosts={"a.example": {"rpm": 60}})
    assert options_from({"rpm": float(unit.words[unit.words.index("--rpm") + 1])}).rpm == 10


def test_units_at_the_same_time_share_the_concurrency_of_a_target_file(tmp_path: Path) -> None:
    targets = two_hosts(tmp_path, A, A, concurrency=8)
    [unit, _] = fleet(tmp_path, targets=targets, hosts={"a.example": {"units": 2}})
    assert unit.words[-2:] == ("--concurrency", "4")
    [unit, _] = fleet(tmp_path, targets=targets)
    assert "--concurrency" not in unit.words


def test_one_provider_serves_one_unit_at_a_time(tmp_path: Path) -> None:
    options = {"upstream": "127.0.0.1:9000"}
    [unit] = fleet(
        tmp_path, targets=[{"target": A}], models=["m"], packs=["openai-chat"], options=options
    )
    assert unit.hosts["upstream 127.0.0.1:9000"] == Limits()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"targets": []}, "fleet.yaml:1:"),
        ({"hosts": {"c.example": {"rpm": 1}}}, "no target has the host `c.example`"),
        ({"hosts": {"a.example": {"rpm": 0}}}, "0 should be more than 0"),
        ({"hosts": {"a.example": {"units": 3, "concurrency": 2}}}, "3 units cannot share 2"),
        ({"options": {"baselin": "x"}}, "no option `baselin`; did you mean `baseline`?"),
        ({"options": {"out": "x"}}, "no option `out`; the fleet sets it for each unit"),
        ({"options": {"rpm": "many"}}, "`rpm` takes a number"),
        ({"options": {"rpm": -1}}, "takes a number above 0"),
        ({"options": {"smoke": "yes"}}, "`smoke` takes true or false"),
        ({"options": {"fail-on": "never"}}, "`fail-on` takes one of fail, inconclusive, warn"),
        ({"packs": ["openai-chatt"]}, "no pack `openai-chatt`; did you mean `openai-chat`?"),
        ({"targets": [{"target": "megalm"}]}, "no target `megalm`; did you mean `megallm`?"),
        ({"targets": [{"target": A}, {"target": A}]}, "2 units have the folder"),
        ({"models": ["M", "m"]}, "2 units have the folder"),
        ({"modles": ["m"]}, "modles"),
    ],
    ids=str,
)
def test_mistakes_have_a_place_and_a_hint(
    change: dict[str, Any], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    right = {"targets": [{"target": A}], "models": ["m"], "packs": ["openai-chat"]}
    with pytest.raises(FileProblems) as raised:
        fleet(tmp_path, **(right | change))
    assert message in str(raised.value)
    assert str(raised.value).startswith("fleet.yaml:1:")


def test_a_target_without_a_model_is_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(FileProblems, match="has no model: add `models`"):
        fleet(tmp_path, targets=[{"target": A}])


@pytest.mark.parametrize("place", ["model", "option", "name", "pack"])
def test_a_key_is_never_repeated(place: str, tmp_path: Path) -> None:
    key = "sk-" + "abc123DEF456" * 3
    texts = {name: key if name == place else "m" for name in ("model", "option", "name", "pack")}
    with pytest.raises(FileProblems) as raised:
        fleet(
            tmp_path,
            targets=[{"target": A, "name": texts["name"]}],
            models=[texts["model"]],
            packs=[texts["pack"]],
            options={"target-version": texts["option"]},
        )
    assert "looks like an API key" in str(raised.value)
    assert key not in str(raised.value)


def test_check_finds_the_mistakes_in_a_fleet_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    fleet(tmp_path, targets=[{"target": A}], models=["m"], packs=["openai-chat"])
    result = pack_on_disk.harness("check", "fleet.yaml")
    assert (result.code, result.out) == (0, "fleet.yaml: fleet file, no mistakes\n")
    text = Path("fleet.yaml").read_text("utf-8")
    Path("fleet.yaml").write_text(text.replace("openai-chat", "openai-chatt"), "utf-8")
    result = pack_on_disk.harness("check", "fleet.yaml")
    assert result.code == 4
    assert "fleet.yaml:1:" in result.err
    assert "no pack `openai-chatt`" in result.err
