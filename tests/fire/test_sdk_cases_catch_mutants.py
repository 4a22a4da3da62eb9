"""The cases that ask by an SDK have teeth: each catches a gateway that is wrong in one way.

`harness prove` fires without sockets, and an SDK needs one. So here a gateway on a real socket is
wrong in one way after the other, and is asked by the current SDKs, which a developer has installed.
The cases of the other SDKs demand the same, word by word: the last test holds them to that.
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
from harness.judge import judge
from harness.language.behaviours import BY_ID
from harness.load import load_packs
from harness.model import Call, Case, Endpoint, Exchange, Pack, Shot, Target, Verdict
from harness.plan import plan
from harness.run.reference_gateway import KEYS
from harness.testbed.gateway.gateway import Gateway
from harness.testbed.http_server.server import serve_in_thread
from harness.testbed.mutants import MUTANTS
from tests.support import fake_sdks

PACKS = {pack.id: pack for pack in load_packs(("sdk-anthropic", "sdk-openai"), tuple(BY_ID))}
CASES = {case.name: case for pack in PACKS.values() for case in pack.cases}
WRONG = {mutant.id: mutant.override for mutant in MUTANTS}
# Code of the documents is run by the SDKs of their time; a current one runs most of it as well.
INSTEAD = {"anthropic-python-0.69": "anthropic-python", "openai-python-1.109": "openai-python"}
OLD = "sdk-anthropic/snippet.sampling"  # the current SDK has no parameter `temperature` any more

TEETH = {
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
    "sdk-openai/python.request-id": ["header.request-id.lost"],
    "sdk-openai/python.models": ["models.missing"],
    "sdk-openai/python.retry": ["header.retry-after.missing"],
    "sdk-openai/snippet.quick-start": ["answer.choices-none"],
    "sdk-openai/snippet.quick-start.current": ["answer.choices-none"],
    "sdk-openai/snippet.thinking": ["thinking.refused"],
}


class World:
    """One gateway, which may be wrong in one way or another; the SDKs go on living beside it."""

    def __init__(self, url: str) -> None:
        self.gateway = Gateway(pace=0.0)
        self.target = Target(
            name="world",
            endpoints={
                "openai": Endpoint("openai", f"{url}/v1", model="builtin-1"),
                "anthropic": Endpoint("anthropic", url, "x-api-key", "builtin-1"),
            },
            packs=(),
        )
        wire = HttpTransport(self.target, KEYS, Limits(20.0), lambda: 0.5)
        self.clients = SdkClients(self.target, KEYS, wire.forward, wire.redactor, 20.0)
        self.runner = asyncio.Runner()

    def verdict(self, case: Case, mutant: str = "") -> Verdict:
        self.gateway = Gateway(WRONG[mutant] if mutant else {}, pace=0.0)
        made = plan(case, PACKS[case.pack], self.target)
        exchanges: dict[str, Exchange] = {}

        async def send(shot: Shot, call: Call) -> Exchange:
            return await self.clients.send(shot.id, call, fake_sdks.acquire_at_once)

        for script in made.scripts:
            fired = self.runner.run(run_script(script, send))
            exchanges.update((exchange.shot, exchange) for exchange in fired)
        return judge(made, exchanges)

    def close(self) -> None:
        self.runner.run(self.clients.close())
        self.runner.close()


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    here: list[World] = []
    with serve_in_thread(lambda request: here[0].gateway.respond(request)) as url:
        here.append(World(url))
        try:
            yield here[0]
        finally:
            here[0].close()


def current(name: str) -> Case:
    """The case, asked by an SDK that is here."""
    case = CASES[name]
    if "client" not in case.spec or name == OLD:
        return case
    sdk = case.spec["client"]["sdk"]
    if sdk == "curl" and shutil.which("curl") is None:
        pytest.skip("curl is not on the PATH")
    client = {**case.spec["client"], "sdk": INSTEAD.get(sdk, sdk)}
    return replace(case, spec={**case.spec, "client": client})


def told(verdict: Verdict) -> list[str]:
    found = [f"{f.level} {f.rule}: {f.at} {f.got}" for f in verdict.findings if not f.holds]
    return [*found, verdict.reason]


@pytest.mark.parametrize("name", TEETH)
def test_a_case_passes_the_right_gateway_and_catches_a_wrong_one(world: World, name: str) -> None:
    case = current(name)
    right = world.verdict(case)
    if name == OLD and right.cause == "environment" and not os.environ.get("CI"):
        pytest.skip(right.reason)
    assert right.outcome == "pass", told(right)
    for mutant in TEETH[name]:
        wrong = world.verdict(case, mutant)
        assert wrong.outcome in ("fail", "warn"), (mutant, told(wrong))
        broken = [f for f in wrong.findings if not f.holds and f.level != "may"]
        assert any(f.rule.startswith(("body", "agree", "any")) for f in broken), mutant


def family(pack: Pack, short: str) -> Mapping[str, Any]:
    """What the cases of one SDK demand, by the name of what they are about."""
    own = [case for case in pack.cases if case.id.startswith(f"{short}.")]
    return {case.id.removeprefix(f"{short}."): without_sdk(case.spec) for case in own}


def without_sdk(spec: Any) -> Any:
    if isinstance(spec, dict):
        return {k: without_sdk(v) for k, v in spec.items() if k not in ("sdk", "id", "may")}
    return [without_sdk(item) for item in spec] if isinstance(spec, list) else spec


@pytest.mark.parametrize(
    ("pack", "shorts"),
    [
        ("sdk-anthropic", ("python-0.69", "typescript")),
        ("sdk-openai", ("python-1.109", "typescript")),
    ],
)
def test_every_sdk_is_held_to_the_same(pack: str, shorts: tuple[str, ...]) -> None:
    known = family(PACKS[pack], "python")
    assert known
    for short in shorts:
        assert family(PACKS[pack], short) == known


def test_no_case_is_without_teeth() -> None:
    shorts = ("python-0.69.", "python-1.109.", "typescript.")
    proven = {name for name in CASES if not name.partition("/")[2].startswith(shorts)}
    assert proven == set(TEETH)


def test_every_piece_of_code_in_the_documents_is_a_case() -> None:
    folder = Path(__file__).parents[2] / "harness" / "fire" / "sdk" / "drivers" / "snippets"
    there = {
        f"{path.stem}/{line[3:].strip()}"
        for path in folder.glob("*.md")
        for line in path.read_text("utf-8").splitlines()
        if line.startswith("## ")
    }
    cases = {case.spec.get("client", {}).get("snippet") for case in CASES.values()} - {None}
    assert cases == there
