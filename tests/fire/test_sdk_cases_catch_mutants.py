"""Mutation testing of the SDK cases: each case kills a mutant of the gateway.

`harness prove` sends without sockets, and an SDK needs one. So the mutants run here on a socket,
and the current SDKs of the development environment send the requests. The cases of the other SDKs
have the same assertions, which a test compares.
"""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from harness.fire.connection import Limits
from harness.fire.conversation import run_script
from harness.fire.http import HttpTransport
from harness.fire.sdk.clients import SdkClients
from harness.fire.sdk.driver import cache_folder
from harness.fire.sdk.install import cache_name
from harness.judge import judge
from harness.language.behaviours import BY_ID
from harness.load.packs import load_packs
from harness.model import Call, Case, Endpoint, Exchange, Pack, Shot, Target, Verdict
from harness.model.sdk import SDKS
from harness.plan import plan
from harness.run.reference_gateway import KEYS
from harness.testbed.gateway.gateway import Gateway, Overrides
from harness.testbed.http_server.server import serve_in_thread
from harness.testbed.mutants import MUTANTS
from harness.testbed.variants import VARIANTS
from tests.support import fake_sdks

pytestmark = pytest.mark.no_cover

PACK_IDS = ("sdk-anthropic", "sdk-openai", "sdk-responses", "sdk-embeddings")
PACKS = {pack.id: pack for pack in load_packs(PACK_IDS, tuple(BY_ID))}
CASES = {case.name: case for pack in PACKS.values() for case in pack.cases}
OVERRIDES = {mutant.id: mutant.override for mutant in MUTANTS}
OVERRIDES |= {variant.id: variant.overrides for variant in VARIANTS}
# Mutants of Chat Completions that exist at the endpoint of Responses too.
OVERRIDES |= {
    f"responses+{name}": {f"responses.{hook}": change for hook, change in OVERRIDES[name].items()}
    for name in ("auth.any-key", "errors.model-unknown-any", "header.retry-after.missing")
}
OVERRIDES["responses+no-request-id"] = {
    "responses.headers": lambda original, *args: [
        pair for pair in original(*args) if "request-id" not in pair[0]
    ]
}
# The documents' code is for older SDKs. The current ones can run most of it too.
REPLACEMENTS = {"anthropic-python-0.69": "anthropic-python", "openai-python-1.109": "openai-python"}
# These are used if they are in the cache already, and in CI, where they are installed.
FRAMEWORKS = ("langchain", "vercel-ai")
BUILT_SDKS = ("go", "go-community", "ruby", "anthropic-rb")
# Not every registry serves these.
ONLY_FROM_CACHE = ("anthropic-go-community", "anthropic-ruby", "anthropic-rb")
OLD_SDK_ONLY = "sdk-anthropic/snippet.sampling"  # the current SDK lacks `temperature`

KILLS = {
    "sdk-anthropic/python.plain": ["anthropic.auth.x-api-key-only", "anthropic.version.old-only"],
    "sdk-anthropic/python.stream": ["anthropic.stream.nameless", "anthropic.stream.no-end"],
    "sdk-anthropic/python.events": ["anthropic.stream.no-stop"],
    "sdk-anthropic/python.tools": ["anthropic.calls.end_turn", "anthropic.result.lost"],
    "sdk-anthropic/python.tools.stream": ["anthropic.stream.input-as-text"],
    "sdk-anthropic/python.error": ["anthropic.error.openai", "anthropic.messages.empty"],
    "sdk-anthropic/python.error.stream": ["anthropic.error.streamed-ok"],
    "sdk-anthropic/python.error.key": ["anthropic.auth.any-bearer"],
    "sdk-anthropic/python.error.model": ["anthropic.model.any"],
    "sdk-anthropic/python.usage": ["anthropic.usage.other-words", "anthropic.usage.streamed"],
    "sdk-anthropic/python.request-id": ["anthropic.header.request-id.lost"],
    "sdk-anthropic/python.count-tokens": ["anthropic.count.missing"],
    "sdk-anthropic/python.models": ["anthropic.models.missing"],
    "sdk-anthropic/python.retry": ["anthropic.limit.no-retry-after"],
    "sdk-anthropic/snippet.quick-start": ["anthropic.answer.string"],
    "sdk-anthropic/snippet.quick-start.current": ["anthropic.auth.x-api-key-only"],
    "sdk-anthropic/snippet.message-format": ["anthropic.answer.string"],
    "sdk-anthropic/snippet.response-format": ["anthropic.usage.other-words"],
    "sdk-anthropic/snippet.tools": ["anthropic.tools.location-lost"],
    "sdk-anthropic/snippet.migration": ["anthropic.answer.string"],
    "sdk-anthropic/snippet.migration.current": ["anthropic.version.old-only"],
    "sdk-anthropic/snippet.curl": ["anthropic.auth.bearer-only"],
    "sdk-anthropic/snippet.conversation": ["anthropic.history.string"],
    "sdk-anthropic/snippet.sampling": ["anthropic.temperature.pair", "anthropic.top_p.refused"],
    "sdk-anthropic/snippet.document-analysis": ["anthropic.answer.string"],
    "sdk-anthropic/snippet.code-review": ["anthropic.answer.string"],
    "sdk-openai/python.plain": ["answer.choices.finish_reason-native"],
    "sdk-openai/python.stream": ["stream.content-renamed", "stream.finish-never"],
    "sdk-openai/python.events": ["stream.finish-never", "stream.object"],
    "sdk-openai/python.tools": ["calls.object", "result.lost"],
    "sdk-openai/python.tools.stream": ["stream.arguments-cut", "stream.name-missing"],
    "sdk-openai/python.error": ["errors.messages-empty-greeted"],
    "sdk-openai/python.error.stream": ["errors.streamed-ok"],
    "sdk-openai/python.error.key": ["auth.any-key"],
    "sdk-openai/python.error.model": ["errors.model-unknown-any"],
    "sdk-openai/python.usage": ["stream.usage-lost", "answer.usage-missing"],
    "sdk-openai/python.request-id": ["header.request-id.none"],
    "sdk-openai/python.models": ["models.missing"],
    "sdk-openai/python.retry": ["header.retry-after.missing"],
    "sdk-openai/snippet.quick-start": ["answer.choices-none"],
    "sdk-openai/snippet.quick-start.current": ["answer.choices-none"],
    "sdk-openai/snippet.thinking": ["thinking.refused"],
    "sdk-responses/python.plain": ["responses.input.text-empty"],
    "sdk-responses/python.stream": ["responses.stream.text-no-deltas"],
    "sdk-responses/python.events": [
        "responses.stream.text-unnumbered",
        "responses.stream.text-unfinished",
    ],
    "sdk-responses/python.tools": [
        "responses.tools.required-renamed",
        "responses.tools.required-object",
    ],
    "sdk-responses/python.tools.stream": ["responses.tools.required-object"],
    "sdk-responses/python.parse": ["responses.format.json_schema-ignored"],
    "sdk-responses/python.state": ["responses.state.remembered-forgotten"],
    "sdk-responses/python.error": ["responses.errors.input-text"],
    "sdk-responses/python.error.stream": ["responses.errors.input-text"],
    "sdk-responses/python.error.key": ["responses+auth.any-key"],
    "sdk-responses/python.error.model": ["responses+errors.model-unknown-any"],
    "sdk-responses/python.usage": ["responses.usage.sum-zero"],
    "sdk-responses/python.request-id": ["responses+no-request-id"],
    "sdk-responses/python.retry": ["responses+header.retry-after.missing"],
    "sdk-embeddings/python.numbers": [
        "embeddings.encoding.base64.numbers-big-endian",
        "embeddings.encoding.base64.numbers-doubles",
    ],
    "sdk-embeddings/python.batch": [
        "embeddings.input.order-reversed",
        "embeddings.input.texts-first",
    ],
    "sdk-embeddings/python.usage": ["embeddings.usage.reported-zero"],
    "sdk-embeddings/python.error": ["embeddings.input.wrong-type-text"],
    "sdk-embeddings/python.error.key": ["embeddings.auth.wrong-any"],
    **{
        f"sdk-{protocol}/{framework}.{topic}": [mutant]
        for framework in FRAMEWORKS
        for protocol, topics in {
            "anthropic": {
                "plain": "anthropic.answer.string",
                "stream": "anthropic.stream.no-end",
                "tools": "anthropic.result.lost",
                "tools.stream": "anthropic.stream.input-as-text",
                "usage": "anthropic.stream.end-uncounted",
                "error": "anthropic.model.any",
            },
            "openai": {
                "plain": "answer.choices-none",
                "stream": "stream.content-renamed",
                "tools": "result.lost",
                "tools.stream": "stream.name-missing",
                "usage": "stream.usage-lost",
                "error": "errors.model-unknown-any",
            },
        }.items()
        for topic, mutant in topics.items()
    },
}
# The topics of these SDKs are those of Python, and so are the mutants, except for those with which
# a program works: Go's SDKs read an error of the other protocol, and arguments as an object.
OTHER_KILLS = {
    "sdk-anthropic/go.error": ["anthropic.messages.empty"],
    "sdk-anthropic/go-community.error": ["anthropic.messages.empty"],
    "sdk-anthropic/go-community.plain": ["anthropic.answer.string"],
    "sdk-anthropic/anthropic-rb.plain": ["anthropic.answer.string"],
    "sdk-anthropic/anthropic-rb.stream": ["anthropic.stream.no-end"],
    "sdk-anthropic/anthropic-rb.error": ["anthropic.messages.empty"],
    "sdk-anthropic/ruby.plain": ["anthropic.answer.string"],
    # A program that reads a part that is not there panics, which does not end the driver.
    "sdk-openai/go.plain": ["answer.choices.finish_reason-native", "answer.choices-none"],
    "sdk-openai/go.tools": ["result.lost"],
}
KILLS |= {
    f"{pack}/{sdk}.{topic}": OTHER_KILLS.get(f"{pack}/{sdk}.{topic}", mutants)
    for pack in PACKS
    for sdk in BUILT_SDKS
    for name, mutants in [*KILLS.items()]
    if name.startswith(f"{pack}/python.")
    and f"{pack}/{sdk}.{(topic := name.partition('.')[2])}" in CASES
}


# What a right gateway can do that an SDK notices, and the cases that are about it.
RIGHT = {
    "responses.stateless": ["state"],
    "responses.unformatted": ["parse"],
    "responses.done": ["stream", "events"],
    "responses.unnamed": ["stream", "events"],
    "responses.reasoning": ["stream", "tools.stream"],
    "responses.new-events": ["stream", "events"],
    "embeddings.noise": ["numbers", "batch"],
    "embeddings.rounded": ["numbers"],
    "embeddings.small": ["numbers"],
}


class SdkTestbed:
    """A gateway that can be replaced by its mutants while the SDK processes keep running."""

    def __init__(self, url: str) -> None:
        self.gateway = Gateway(pace=0.0)
        self.target = Target(
            name="testbed",
            endpoints={
                "openai": Endpoint("openai", f"{url}/v1", model="builtin-1"),
                "anthropic": Endpoint("anthropic", url, "x-api-key", "builtin-1"),
                "responses": Endpoint("responses", f"{url}/v1", model="builtin-1"),
                "embeddings": Endpoint("embeddings", f"{url}/v1", model="builtin-embedding-1"),
            },
            packs=(),
        )
        transport = HttpTransport(self.target, KEYS, Limits(20.0), lambda: 0.5)
        self.clients = SdkClients(self.target, KEYS, transport.forward, transport.redactor, 20.0)
        self.runner = asyncio.Runner()

    def result(self, case: str, overrides: Overrides) -> Any:
        """Returns what the SDK of a case replies at a gateway with one change."""
        self.gateway = Gateway(overrides, pace=0.0)
        [shot] = plan(CASES[case], PACKS[CASES[case].pack], self.target).shots[:1]
        send = self.clients.send(shot.id, shot.call, fake_sdks.acquire_at_once)
        return fake_sdks.evidence(self.runner.run(send))

    def verdict(self, case: Case, mutant: str = "") -> Verdict:
        self.gateway = Gateway(OVERRIDES[mutant] if mutant else {}, pace=0.0)
        case_plan = plan(case, PACKS[case.pack], self.target)
        exchanges: dict[str, Exchange] = {}

        async def send(shot: Shot, call: Call) -> Exchange:
            return await self.clients.send(shot.id, call, fake_sdks.acquire_at_once)

        for script in case_plan.scripts:
            results = self.runner.run(run_script(script, send))
            exchanges.update((exchange.shot, exchange) for exchange in results)
        return judge(case_plan, exchanges)

    def close(self) -> None:
        self.runner.run(self.clients.close())
        self.runner.close()


@pytest.fixture(scope="module")
def testbed() -> Iterator[SdkTestbed]:
    testbeds: list[SdkTestbed] = []
    with serve_in_thread(lambda request: testbeds[0].gateway.respond(request)) as url:
        testbeds.append(SdkTestbed(url))
        try:
            yield testbeds[0]
        finally:
            testbeds[0].close()


def case_for_installed_sdk(name: str) -> Case:
    case = CASES[name]
    if "client" not in case.spec or name == OLD_SDK_ONLY:
        return case
    sdk = case.spec["client"]["sdk"]
    if sdk == "curl" and shutil.which("curl") is None:
        pytest.skip("curl is not on the PATH")
    client = {**case.spec["client"], "sdk": REPLACEMENTS.get(sdk, sdk)}
    return replace(case, spec={**case.spec, "client": client})


def skip_if_not_in_the_cache(name: str) -> None:
    """Skips cases whose SDK the development environment does not install."""
    (sdk,) = (SDKS[each] for each in sdks_of(CASES[name].spec))
    if sdk.language not in ("node", "go", "ruby") and not sdk.id.startswith("langchain"):
        return
    home = cache_folder() / "clients" / cache_name(sdk)
    if sdk.language != "python" and not shutil.which(sdk.language):
        pytest.skip(f"{sdk.language} is not on the PATH")
    if not home.is_dir() and (sdk.id in ONLY_FROM_CACHE or not os.environ.get("CI")):
        pytest.skip(f"{home.name} is not in the cache")


def sdks_of(spec: Any) -> set[str]:
    steps = spec.get("steps", [spec])
    return {step["client"]["sdk"] for step in steps}


def explain(verdict: Verdict) -> list[str]:
    failures = [f"{f.level} {f.rule}: {f.at} {f.got}" for f in verdict.findings if not f.holds]
    return [*failures, verdict.reason]


@pytest.mark.parametrize("name", KILLS)
def test_case_passes_the_reference_gateway_and_kills_its_mutants(
    testbed: SdkTestbed, name: str
) -> None:
    case = case_for_installed_sdk(name)
    skip_if_not_in_the_cache(name)
    reference = testbed.verdict(case)
    if name == OLD_SDK_ONLY and reference.cause == "environment" and not os.environ.get("CI"):
        pytest.skip(reference.reason)
    assert reference.outcome == "pass", explain(reference)
    for mutant in KILLS[name]:
        mutated = testbed.verdict(case, mutant)
        assert mutated.outcome in ("fail", "warn"), (mutant, explain(mutated))
        failed = [f for f in mutated.findings if not f.holds and f.level != "may"]
        assert any(f.rule.startswith(("body", "steps_agree", "any")) for f in failed), mutant


@pytest.mark.parametrize("sdk", ["python", "typescript", "go"])
@pytest.mark.parametrize("variant", RIGHT)
def test_no_case_fails_on_a_right_gateway(testbed: SdkTestbed, variant: str, sdk: str) -> None:
    for topic in RIGHT[variant]:
        name = f"sdk-{variant.partition('.')[0]}/{sdk}.{topic}"
        if name in CASES:
            skip_if_not_in_the_cache(name)
            verdict = testbed.verdict(CASES[name], variant)
            assert verdict.outcome in ("pass", "inconclusive"), (name, explain(verdict))


def specs_by_topic(pack: Pack, sdk: str) -> Mapping[str, Any]:
    """Returns the cases of one SDK without its name, by the rest of their ids."""
    own = [case for case in pack.cases if case.id.startswith(f"{sdk}.")]
    return {case.id.removeprefix(f"{sdk}."): without_sdk(case.spec) for case in own}


def without_sdk(spec: Any) -> Any:
    if isinstance(spec, dict):
        return {k: without_sdk(v) for k, v in spec.items() if k not in ("sdk", "id", "may")}
    return [without_sdk(item) for item in spec] if isinstance(spec, list) else spec


@pytest.mark.parametrize(
    ("pack", "sdks"),
    [
        ("sdk-anthropic", ("python-0.69", "typescript")),
        ("sdk-openai", ("python-1.109", "typescript")),
        ("sdk-responses", ("typescript",)),
        ("sdk-embeddings", ("typescript",)),
    ],
)
def test_all_sdks_have_the_same_assertions(pack: str, sdks: tuple[str, ...]) -> None:
    current = specs_by_topic(PACKS[pack], "python")
    assert current
    for sdk in sdks:
        assert specs_by_topic(PACKS[pack], sdk) == current


def test_every_case_kills_a_mutant() -> None:
    sdks = ("python-0.69.", "python-1.109.", "typescript.")
    required_cases = {name for name in CASES if not name.partition("/")[2].startswith(sdks)}
    assert required_cases == set(KILLS)


def test_every_snippet_of_the_documents_is_a_case() -> None:
    folder = Path(__file__).parents[2] / "harness" / "fire" / "sdk" / "drivers" / "snippets"
    snippets = {
        f"{path.stem}/{line[3:].strip()}"
        for path in folder.glob("*.md")
        for line in path.read_text("utf-8").splitlines()
        if line.startswith("## ")
    }
    scripts = [case.spec.get("client", {}).get("script", "") for case in CASES.values()]
    assert {script for script in scripts if "/" in script} == snippets


def limit_answers(prefix: str) -> Overrides:
    """Ends each answer after three tokens, as servers with a limit of their own do."""
    return {f"{prefix}read_request": lambda original, body: replace(original(body), limit=3)}


def offer_no_tools(prefix: str) -> Overrides:
    """Takes the tools from the model, which then calls none."""
    return {
        f"{prefix}read_request": lambda original, body: replace(
            original(body), tools=(), choice="auto"
        )
    }


PREFIXES = {"sdk-openai": "", "sdk-responses": "responses.", "sdk-anthropic": "anthropic."}
SENDERS = [(pack, sdk) for pack in PREFIXES for sdk in ("python", "typescript", "go")]


@pytest.mark.parametrize(("pack", "sdk"), SENDERS)
def test_an_answer_that_the_server_cuts_is_no_error_of_the_sdk(
    testbed: SdkTestbed, pack: str, sdk: str
) -> None:
    skip_if_not_in_the_cache(f"{pack}/{sdk}.stream")
    result = testbed.result(f"{pack}/{sdk}.stream", limit_answers(PREFIXES[pack]))["result"]
    assert result["joined"]
    ends = {result.get(name) for name in ("status", "finish_reason", "stop_reason")}
    assert ends & {"incomplete", "length", "max_tokens"}


@pytest.mark.parametrize(("pack", "sdk"), SENDERS)
@pytest.mark.parametrize("topic", ["tools", "tools.stream"])
def test_an_answer_without_a_call_is_no_error_of_the_sdk(
    testbed: SdkTestbed, pack: str, sdk: str, topic: str
) -> None:
    skip_if_not_in_the_cache(f"{pack}/{sdk}.{topic}")
    result = testbed.result(f"{pack}/{sdk}.{topic}", offer_no_tools(PREFIXES[pack]))["result"]
    assert result["call"] == {}
    assert "second" not in result
