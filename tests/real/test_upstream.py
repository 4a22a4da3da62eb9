"""LiteLLM and Portkey with `--upstream`: they forward and answer only as reviewed."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from harness.language.behaviours import BY_ID
from harness.load.packs import load_packs
from harness.testbed.keys import PROVIDER_KEY
from harness.util import paths
from tests.real import portkey_gateway
from tests.real.environments import Server, free_port
from tests.real.litellm_gateway import KEY, proxy
from tests.real.runs import Run, reviewed_failures, run, run_on

pytestmark = pytest.mark.real

COMPAT, MESSAGES = "openai-compat", "anthropic-messages"
LITELLM = {"to-anthropic": COMPAT, "to-openai": MESSAGES}
PORTKEY = {"portkey-translates": COMPAT, "portkey-passes-on": MESSAGES}
MODEL = "claude-opus-4-20250514"


@pytest.fixture(scope="module")
def upstream() -> str:
    """The address of the mock provider, the same in all runs."""
    return f"127.0.0.1:{free_port()}"


@pytest.fixture(scope="module")
def litellm(upstream: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    log = tmp_path_factory.mktemp("litellm") / "log.txt"
    with proxy(log, f"http://{upstream}/v1", "litellm-upstream.yaml") as server:
        yield server


@pytest.fixture(scope="module")
def portkey_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    reason = portkey_gateway.skip_reason()
    if reason:
        pytest.skip(reason)
    with portkey_gateway.gateway(tmp_path_factory.mktemp("portkey") / "log.txt") as url:
        yield url


def pack_with_max_tokens(folder: Path) -> str:
    """Copy the pack with max_tokens in the body of every request, which Portkey requires."""
    for name in ("openai-chat", COMPAT):
        shutil.copytree(paths.cases_dir() / name, folder / name)
    file = folder / "openai-chat" / "pack.yaml"
    text = file.read_text("utf-8")
    assert text.count("\nbody:\n") == 1
    file.write_text(text.replace("\nbody:\n", "\nbody:\n  max_tokens: 1024\n"), "utf-8")
    return str(folder / COMPAT)


def run_portkey(protocol: str, url: str, upstream: str, pack: str, folder: Path, *more: str) -> Run:
    """Callers of Portkey send the provider's key and the provider's URL with each request."""
    headers = portkey_gateway.header_options(protocol, f"http://{upstream}/v1")
    options = ("--upstream", upstream, *headers, *more)
    return run(url, MODEL, (pack,), folder, *options, key=PROVIDER_KEY)


@pytest.fixture(scope="module", params=[*LITELLM, *PORTKEY])
def named_run(
    request: pytest.FixtureRequest, upstream: str, tmp_path_factory: pytest.TempPathFactory
) -> tuple[str, Run]:
    """The name of a configuration, and its run."""
    name, base = request.param, tmp_path_factory.mktemp(request.param)
    if name in LITELLM:
        server: Server = request.getfixturevalue("litellm")

        def start(folder: Path) -> Run:
            return run(server.url, name, (LITELLM[name],), folder, "--upstream", upstream)

        return name, run_on(server, start, base / "out")
    url = request.getfixturevalue("portkey_url")
    pack = pack_with_max_tokens(base) if PORTKEY[name] == COMPAT else MESSAGES
    return name, run_portkey("anthropic", url, upstream, pack, base / "out")


def fails_in_streams_only(case: dict[str, Any]) -> bool:
    """Whether each violation of the case is in a stream that was answered with 500."""
    shots = {shot["id"]: (shot["mode"], shot.get("status")) for shot in case["shots"]}
    violations = [f for f in case["findings"] if f["level"] == "must" and not f["holds"]]
    return all(shots.get(finding["shot"]) == ("stream", 500) for finding in violations)


def failed_cases(name: str, report: dict[str, Any]) -> set[str]:
    """The failed cases. Portkey on Node 20 answers each stream with 500; these are left out."""
    return {
        f"{case['pack']}/{case['id']}"
        for case in report["cases"]
        if case["outcome"] == "fail" and not (name in PORTKEY and fails_in_streams_only(case))
    }


def test_run_completes_and_records_forwarded_requests(named_run: tuple[str, Run]) -> None:
    _, result = named_run
    assert result.code == 1, result.output
    assert result.missing_outputs == []
    assert (result.folder / "transcript.jsonl").read_text("utf-8").count('"forwarded":[{') > 200


def test_no_case_is_inconclusive_because_of_the_harness(named_run: tuple[str, Run]) -> None:
    assert named_run[1].undecided_by_harness == []


def test_failures_are_the_reviewed_ones(named_run: tuple[str, Run]) -> None:
    name, result = named_run
    failed = failed_cases(name, result.report)
    gone = reviewed_failures(name, in_every_run=True) - failed
    assert sorted(failed - reviewed_failures(name)) == [], "new failures: review and add them"
    assert sorted(gone) == [], "these no longer fail: remove them"


def test_judging_the_transcript_again_gives_the_same_verdicts(named_run: tuple[str, Run]) -> None:
    assert named_run[1].changed_when_judged_again() == []


def test_reviewed_failures_name_cases_that_are_run() -> None:
    for name, folder in {**LITELLM, **PORTKEY}.items():
        names = {case.name for pack in load_packs([folder], tuple(BY_ID)) for case in pack.cases}
        assert sorted(reviewed_failures(name) - names) == []


def test_no_output_contains_a_key(named_run: tuple[str, Run]) -> None:
    assert named_run[1].files_with(KEY, PROVIDER_KEY) == []


def test_portkey_rejects_requests_without_max_tokens_for_anthropic(
    portkey_url: str, upstream: str, tmp_path: Path
) -> None:
    result = run_portkey("anthropic", portkey_url, upstream, COMPAT, tmp_path)
    assert result.code == 4
    assert "max_tokens is required" in result.output


def test_portkey_does_not_support_messages_for_openai(
    portkey_url: str, upstream: str, tmp_path: Path
) -> None:
    case = ("--case", f"{MESSAGES}/messages.string")
    result = run_portkey("openai", portkey_url, upstream, MESSAGES, tmp_path, *case)
    assert result.code == 4
    assert "messages is not supported by openai" in result.output
