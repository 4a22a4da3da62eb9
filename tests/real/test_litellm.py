"""The packs at a real gateway: runs complete, agree, and every fail was walked by hand."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator

import jsonschema
import pytest

from harness.language.behaviours import BY_ID
from harness.load import load_packs
from tests.real.lane import ARTEFACTS, ROOT, Run, run, walked
from tests.real.proxy import KEY, proxy

pytestmark = pytest.mark.real

OPENAI, MESSAGES = ("openai-chat", "openai-compat"), ("anthropic-messages", "cross-protocol")
PACKS = {"mock-text": OPENAI, "behind": OPENAI + MESSAGES, "relayed": MESSAGES}
TIMES = 2


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """LiteLLM, and behind it the builtin gateway as a provider that is right in everything."""
    with subprocess.Popen(
        [sys.executable, "-m", "harness.testbed.gateway"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as provider:
        assert provider.stdout is not None
        address = provider.stdout.readline().strip()
        log = tmp_path_factory.mktemp("litellm") / "log.txt"
        with proxy(log, f"{address}/v1") as url:
            yield url
        provider.communicate()


@pytest.fixture(
    scope="module", params=[(m, p) for m, packs in PACKS.items() for p in packs], ids="/".join
)
def runs(
    request: pytest.FixtureRequest, gateway: str, tmp_path_factory: pytest.TempPathFactory
) -> tuple[str, str, list[Run]]:
    model, pack = request.param
    base = tmp_path_factory.mktemp(f"{model}-{pack}")
    return model, pack, [run(gateway, model, pack, base / str(n)) for n in range(TIMES)]


def test_every_run_completes(runs: tuple[str, str, list[Run]]) -> None:
    for one in runs[2]:
        assert one.code == (1 if "fail" in one.outcomes.values() else 0), one.said
        assert [name for name in ARTEFACTS if not (one.folder / name).is_file()] == []


def test_every_report_validates(runs: tuple[str, str, list[Run]]) -> None:
    schema = json.loads((ROOT / "schemas/report.schema.json").read_text("utf-8"))
    for one in runs[2]:
        jsonschema.Draft202012Validator(schema).validate(one.report)


def test_nothing_is_undecided_for_a_reason_of_ours(runs: tuple[str, str, list[Run]]) -> None:
    ours = {"harness", "timeout", "rate-limit", "budget", "environment", "transport"}
    for one in runs[2]:
        assert [case["id"] for case in one.report["cases"] if case.get("cause") in ours] == []


def test_every_run_finds_the_same(runs: tuple[str, str, list[Run]]) -> None:
    first, *others = runs[2]
    for other in others:
        assert other.outcomes == first.outcomes
        assert other.findings == first.findings


def test_every_fail_was_walked_by_hand(runs: tuple[str, str, list[Run]]) -> None:
    model, _, (first, *_) = runs
    failed = {case for case, outcome in first.outcomes.items() if outcome == "fail"}
    expected = walked(model) & set(first.outcomes)
    assert sorted(failed - expected) == [], "new: walk through them, and write down whose they are"
    assert sorted(expected - failed) == [], "gone: strike them out"


def test_no_case_is_walked_that_is_not_run() -> None:
    for model, packs in PACKS.items():
        run_here = {case.name for pack in load_packs(packs, tuple(BY_ID)) for case in pack.cases}
        assert sorted(walked(model) - run_here) == []


def test_the_key_is_in_no_file(runs: tuple[str, str, list[Run]]) -> None:
    for one in runs[2]:
        files = [file for file in one.folder.rglob("*") if file.is_file()]
        assert [file.name for file in files if KEY.encode() in file.read_bytes()] == []
