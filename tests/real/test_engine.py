"""The packs against a real engine with a tiny model, and against a small translating proxy."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.util import paths
from tests.real.litellm_gateway import KEY
from tests.real.llama_server import EMBEDDINGS, engine, translating_proxy
from tests.real.reference_gateway import PROVIDER_KEY, PROVIDER_MODEL, reference_gateway
from tests.real.runs import Run, reviewed_failures, run

pytestmark = pytest.mark.real

LIMIT = 256  # tokens; the model would talk on until the 1024 tokens of the pack
RUNS = (
    "llama-server/openai-chat",
    "llama-server/anthropic-messages",
    "llama-server/openai-responses",
    "llama-server/openai-embeddings",
    "ant2oai/anthropic-messages",
)
# What else is in flight changes the engine's embeddings, so these are requested one at a time.
CONCURRENCY = {"openai-embeddings": "1"}
ENGINES = {"openai-embeddings": "embeddings_url", "openai-responses": "embeddings_url"}


@pytest.fixture(scope="module")
def engine_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with engine(tmp_path_factory.mktemp("engine") / "log.txt") as url:
        yield url


@pytest.fixture(scope="module")
def embeddings_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with engine(tmp_path_factory.mktemp("embeddings") / "log.txt", *EMBEDDINGS) as url:
        yield url


@pytest.fixture(scope="module")
def proxy_target(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A proxy with the reference gateway as its provider, which has no defects."""
    log = tmp_path_factory.mktemp("ant2oai") / "log.txt"
    with (
        reference_gateway() as address,
        translating_proxy(log, f"{address}/v1", PROVIDER_MODEL) as target,
    ):
        yield target


def run_through_proxy(target: str, folder: Path) -> Run:
    return run(target, PROVIDER_MODEL, ("anthropic-messages",), folder, key=PROVIDER_KEY)


@pytest.fixture(scope="module")
def proxy_run(proxy_target: str, tmp_path_factory: pytest.TempPathFactory) -> Run:
    return run_through_proxy(proxy_target, tmp_path_factory.mktemp("proxy"))


@pytest.fixture(scope="module", params=RUNS)
def named_run(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[str, Run]:
    name, pack = request.param.split("/")
    if name == "ant2oai":
        return name, request.getfixturevalue("proxy_run")
    folder = tmp_path_factory.mktemp(f"{name}-{pack}")
    options = ["--timeout", "120", "--concurrency", CONCURRENCY.get(pack, "4")]
    url = request.getfixturevalue(ENGINES.get(pack, "engine_url"))
    if pack == "openai-responses":
        options.append("--smoke")
    if pack == "anthropic-messages":  # the limit that each request needs replaces the engine's
        pack = pack_with_limit(tmp_path_factory.mktemp("packs"))
        options.append("--smoke")
    return name, run(url, "smollm2", (pack,), folder, *options)


def pack_with_limit(folder: Path) -> str:
    """Copy the pack with a smaller max_tokens in the body of its requests."""
    copy = folder / "anthropic-messages"
    shutil.copytree(paths.cases_dir() / copy.name, copy)
    text = (copy / "pack.yaml").read_text("utf-8")
    assert text.count("\n  max_tokens: 1024\n") == 1
    (copy / "pack.yaml").write_text(
        text.replace("max_tokens: 1024", f"max_tokens: {LIMIT}"), "utf-8"
    )
    return str(copy)


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
    assert named_run[1].files_with(KEY, PROVIDER_KEY) == []


def test_three_runs_have_the_same_findings(
    proxy_target: str, proxy_run: Run, tmp_path: Path
) -> None:
    for number in range(2):
        other = run_through_proxy(proxy_target, tmp_path / str(number))
        assert other.outcomes == proxy_run.outcomes
        assert other.findings == proxy_run.findings
