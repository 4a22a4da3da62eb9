"""The packs against a real engine with a tiny model, directly and through a proxy."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.util import paths
from tests.real.litellm_gateway import KEY
from tests.real.llama_server import engine, translating_proxy
from tests.real.runs import Run, reviewed_failures, run

pytestmark = pytest.mark.real

LIMIT = 256  # tokens; the model would talk on until the 1024 tokens of the pack
# The smoke subset is used where the protocol requires a limit above that of the engine.
PACKS = (
    ("llama-server", "openai-chat", ()),
    ("llama-server", "anthropic-messages", ("--smoke",)),
    ("ant2oai", "anthropic-messages", ("--smoke",)),
)


@pytest.fixture(scope="module")
def urls(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    logs = tmp_path_factory.mktemp("engine")
    with (
        engine(logs / "engine.txt") as url,
        translating_proxy(logs / "proxy.txt", url) as target,
    ):
        yield {"llama-server": url, "ant2oai": target}


@pytest.fixture(scope="module", params=PACKS, ids=lambda param: "/".join(param[:2]))
def named_run(
    request: pytest.FixtureRequest, urls: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> tuple[str, Run]:
    name, pack, more = request.param
    folder = tmp_path_factory.mktemp(f"{name}-{pack}")
    options = ("--timeout", "120", "--concurrency", "4", *more)
    chosen = pack_with_limit(tmp_path_factory.mktemp("packs")) if "anthropic" in pack else pack
    return name, run(urls[name], "smollm2", chosen, folder, *options)


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
    assert named_run[1].files_with(KEY) == []
