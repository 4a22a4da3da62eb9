"""The packs against LiteLLM: runs complete, agree with each other, and fail only as reviewed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import partial

import jsonschema
import pytest

from harness.language.behaviours import BY_ID
from harness.load.packs import load_packs
from tests.real.environments import Server
from tests.real.litellm_gateway import KEY, proxy
from tests.real.reference_gateway import reference_gateway
from tests.real.runs import ROOT, Run, reviewed_failures, run, run_on

pytestmark = pytest.mark.real

OPENAI, MESSAGES = ("openai-compat",), ("anthropic-messages", "cross-protocol")
NEWER = ("openai-responses", "openai-embeddings")
PACKS = {"mock-text": OPENAI, "behind": OPENAI + MESSAGES + NEWER, "relayed": MESSAGES}
RUNS = 2


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """LiteLLM with the reference gateway as its provider, which has no defects."""
    log = tmp_path_factory.mktemp("litellm") / "log.txt"
    with reference_gateway() as address, proxy(log, f"{address}/v1") as server:
        yield server


@pytest.fixture(scope="module", params=PACKS)
def runs(
    request: pytest.FixtureRequest, gateway: Server, tmp_path_factory: pytest.TempPathFactory
) -> tuple[str, list[Run]]:
    """A model, and the runs of all its packs; openai-compat contains the cases of openai-chat."""
    model: str = request.param
    base = tmp_path_factory.mktemp(model)
    start = partial(run, gateway.url, model, PACKS[model])
    return model, [run_on(gateway, start, base / str(n)) for n in range(RUNS)]


def test_runs_complete(runs: tuple[str, list[Run]]) -> None:
    for each in runs[1]:
        assert each.code == (1 if "fail" in each.outcomes.values() else 0), each.output
        assert each.missing_outputs == []


def test_reports_match_their_schema(runs: tuple[str, list[Run]]) -> None:
    schema = json.loads((ROOT / "schemas/report.schema.json").read_text("utf-8"))
    for each in runs[1]:
        jsonschema.Draft202012Validator(schema).validate(each.report)


def test_no_case_is_inconclusive_because_of_the_harness(runs: tuple[str, list[Run]]) -> None:
    for each in runs[1]:
        assert each.undecided_by_harness == []


def test_repeated_runs_have_the_same_findings(runs: tuple[str, list[Run]]) -> None:
    first, *others = runs[1]
    for other in others:
        assert other.outcomes == first.outcomes
        assert other.findings == first.findings


def test_judging_the_transcript_again_gives_the_same_verdicts(
    runs: tuple[str, list[Run]],
) -> None:
    assert runs[1][0].changed_when_judged_again() == []


def test_failures_are_the_reviewed_ones(runs: tuple[str, list[Run]]) -> None:
    model, (first, *_) = runs
    failed = {case for case, outcome in first.outcomes.items() if outcome == "fail"}
    expected = reviewed_failures(model) & set(first.outcomes)
    assert sorted(failed - expected) == [], "new failures: review them and add them"
    assert sorted(expected - failed) == [], "these no longer fail: remove them"


def test_reviewed_failures_name_cases_that_are_run() -> None:
    for model, packs in PACKS.items():
        names = {case.name for pack in load_packs(packs, tuple(BY_ID)) for case in pack.cases}
        assert sorted(reviewed_failures(model) - names) == []


def test_no_output_contains_the_key(runs: tuple[str, list[Run]]) -> None:
    for each in runs[1]:
        assert each.files_with(KEY) == []
