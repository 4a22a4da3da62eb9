"""Real gateways before the provider that the harness plays: what they forward, and answer."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from harness.language.behaviours import BY_ID
from harness.load import load_packs
from harness.testbed.keys import PROVIDER_KEY
from harness.util import paths
from tests.real import portkey
from tests.real.lane import ARTEFACTS, Run, run, walked
from tests.real.proxy import KEY, free_port, proxy

pytestmark = pytest.mark.real

COMPAT, MESSAGES = "openai-compat", "anthropic-messages"
LITELLM = {"to-anthropic": COMPAT, "to-openai": MESSAGES}
PORTKEY = {"portkey-translates": COMPAT, "portkey-passes-on": MESSAGES}
MODEL = "claude-opus-4-20250514"


@pytest.fixture(scope="module")
def place() -> str:
    """Where the provider listens, in one run after the other."""
    return f"127.0.0.1:{free_port()}"


@pytest.fixture(scope="module")
def litellm(place: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    log = tmp_path_factory.mktemp("litellm") / "log.txt"
    with proxy(log, f"http://{place}/v1", "litellm-before.yaml") as url:
        yield url


@pytest.fixture(scope="module")
def portkey_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    reason = portkey.lacking()
    if reason:
        pytest.skip(reason)
    with portkey.gateway(tmp_path_factory.mktemp("portkey") / "log.txt") as url:
        yield url


def limited(folder: Path) -> str:
    """The pack with max_tokens in its base request, without which Portkey refuses."""
    for name in ("openai-chat", COMPAT):
        shutil.copytree(paths.cases_dir() / name, folder / name)
    file = folder / "openai-chat" / "pack.yaml"
    text = file.read_text("utf-8")
    assert text.count("\nbase:\n") == 1
    file.write_text(text.replace("\nbase:\n", "\nbase:\n  max_tokens: 1024\n"), "utf-8")
    return str(folder / COMPAT)


def before(speaks: str, url: str, place: str, pack: str, folder: Path, *more: str) -> Run:
    """Portkey's callers bring the provider's key, and name the provider, with every request."""
    told = portkey.headers(speaks, f"http://{place}/v1")
    asked = ("--upstream", place, *told, *more)
    return run(url, MODEL, pack, folder, *asked, key=PROVIDER_KEY)


@pytest.fixture(scope="module", params=[*LITELLM, *PORTKEY])
def ran(
    request: pytest.FixtureRequest, place: str, tmp_path_factory: pytest.TempPathFactory
) -> tuple[str, Run]:
    name, base = request.param, tmp_path_factory.mktemp(request.param)
    if name in LITELLM:
        url = request.getfixturevalue("litellm")
        return name, run(url, name, LITELLM[name], base / "out", "--upstream", place)
    url = request.getfixturevalue("portkey_url")
    pack = limited(base) if PORTKEY[name] == COMPAT else MESSAGES
    return name, before("anthropic", url, place, pack, base / "out")


def streams_alone(case: dict[str, Any]) -> bool:
    """Whether all that is wrong with it is that a stream was answered with a 500."""
    shots = {shot["id"]: (shot["mode"], shot.get("status")) for shot in case["shots"]}
    wrong = [one for one in case["findings"] if one["level"] == "must" and not one["holds"]]
    return all(shots.get(one["shot"]) == ("stream", 500) for one in wrong)


def failed(name: str, report: dict[str, Any]) -> set[str]:
    """Portkey's gateway, as npm installs it on Node 20, answers every stream with a 500."""
    return {
        f"{case['pack']}/{case['id']}"
        for case in report["cases"]
        if case["outcome"] == "fail" and not (name in PORTKEY and streams_alone(case))
    }


def test_a_run_completes_and_sees_what_is_forwarded(ran: tuple[str, Run]) -> None:
    _, one = ran
    assert one.code == 1, one.said
    assert [name for name in ARTEFACTS if not (one.folder / name).is_file()] == []
    assert (one.folder / "transcript.jsonl").read_text("utf-8").count('"forwarded":[{') > 200


def test_nothing_is_undecided_for_a_reason_of_ours(ran: tuple[str, Run]) -> None:
    ours = {"harness", "timeout", "rate-limit", "budget", "environment", "transport"}
    cases = ran[1].report["cases"]
    assert [case["id"] for case in cases if case.get("cause") in ours] == []


def test_every_fail_was_walked_by_hand(ran: tuple[str, Run]) -> None:
    name, one = ran
    found, known = failed(name, one.report), walked(name)
    assert sorted(found - known) == [], "new: walk through them, and write down whose they are"
    assert sorted(known - found) == [], "gone: strike them out"


def test_no_case_is_walked_that_is_not_run() -> None:
    for name, pack in {**LITELLM, **PORTKEY}.items():
        run_here = {case.name for one in load_packs([pack], tuple(BY_ID)) for case in one.cases}
        assert sorted(walked(name) - run_here) == []


def test_the_keys_are_in_no_file(ran: tuple[str, Run]) -> None:
    files = [file for file in ran[1].folder.rglob("*") if file.is_file()]
    keys = (KEY.encode(), PROVIDER_KEY.encode())
    assert [file.name for file in files if any(key in file.read_bytes() for key in keys)] == []


def test_portkey_refuses_before_anthropic_what_has_no_limit(
    portkey_url: str, place: str, tmp_path: Path
) -> None:
    one = before("anthropic", portkey_url, place, COMPAT, tmp_path)
    assert one.code == 4
    assert "max_tokens is required" in one.said


def test_portkey_does_not_speak_messages_before_openai(
    portkey_url: str, place: str, tmp_path: Path
) -> None:
    case = ("--case", f"{MESSAGES}/messages.string")
    one = before("openai", portkey_url, place, MESSAGES, tmp_path, *case)
    assert set(one.outcomes.values()) == {"fail"}
    assert "messages is not supported by openai" in (tmp_path / "transcript.jsonl").read_text()
