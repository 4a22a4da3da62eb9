"""The packs against a real engine with a tiny model, directly and through a proxy."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.real.litellm_gateway import KEY
from tests.real.llama_server import engine, translating_proxy
from tests.real.runs import Run, reviewed_failures, run

pytestmark = pytest.mark.real

PACKS = (
    ("llama-server", "openai-chat"),
    ("llama-server", "anthropic-messages"),
    ("ant2oai", "anthropic-messages"),
)


@pytest.fixture(scope="module")
def urls(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    logs = tmp_path_factory.mktemp("engine")
    with (
        engine(logs / "engine.txt") as url,
        translating_proxy(logs / "proxy.txt", url) as target,
    ):
        yield {"llama-server": url, "ant2oai": target}


@pytest.fixture(scope="module", params=PACKS, ids="/".join)
def named_run(
    request: pytest.FixtureRequest, urls: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> tuple[str, Run]:
    name, pack = request.param
    folder = tmp_path_factory.mktemp(f"{name}-{pack}")
    return name, run(urls[name], "smollm2", pack, folder, "--timeout", "120", "--concurrency", "4")


def test_run_completes(named_run: tuple[str, Run]) -> None:
    _, result = named_run
    assert result.code == 1, result.output
    assert result.missing_outputs == []


def test_no_case_is_inconclusive_because_of_the_harness(named_run: tuple[str, Run]) -> None:
    assert named_run[1].undecided_by_harness == []


def test_failures_are_the_reviewed_ones(named_run: tuple[str, Run]) -> None:
    name, result = named_run
    failed = {case for case, outcome in result.outcomes.items() if outcome == "fail"}
    expected = reviewed_failures(name, in_every_run=True) & set(result.outcomes)
    assert sorted(failed - reviewed_failures(name)) == [], "new failures: review and add them"
    assert sorted(expected - failed) == [], "these no longer fail: remove them"


def test_judging_the_transcript_again_gives_the_same_verdicts(named_run: tuple[str, Run]) -> None:
    assert named_run[1].changed_when_judged_again() == []


def test_no_output_contains_the_key(named_run: tuple[str, Run]) -> None:
    assert named_run[1].files_with(KEY) == []
