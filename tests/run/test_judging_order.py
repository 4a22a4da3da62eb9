"""No verdict depends on what was judged before it, although answers and schemas are shared."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import pytest

from harness.model import Verdict
from harness.run.replay import RecordedRun, load_recorded
from harness.testbed.gateway.gateway import Gateway
from harness.testbed.http_server.server import serve_in_thread
from harness.testbed.keys import GATEWAY_KEY
from harness.testbed.mutants import MUTANTS
from tests.support import pack_on_disk

pytestmark = pytest.mark.no_cover

WRONG = [mutant for mutant in MUTANTS if mutant.id in ("max_tokens.ignored", "stop.ignored")]


@pytest.fixture
def recorded(tmp_path: Path) -> RecordedRun:
    """A run against a gateway with faults, so that right and wrong answers alternate."""
    overrides = {name: hook for mutant in WRONG for name, hook in mutant.override.items()}
    with pytest.MonkeyPatch.context() as patch, serve_in_thread(Gateway(overrides).respond) as url:
        patch.setenv("GATEWAY_KEY", GATEWAY_KEY)
        arguments = ("--model", "builtin-1", "--api-key-env", "GATEWAY_KEY", "--out", tmp_path)
        result = pack_on_disk.harness("run", f"{url}/v1", *arguments, "--pack", "openai-chat")
    assert result.code == 1, result.out
    return load_recorded(str(tmp_path / "transcript.jsonl"))


def verdicts(run: RecordedRun) -> dict[str, Verdict]:
    return {verdict.case.name: verdict for _, verdict in run.verdicts()}


def test_cases_in_any_order_get_equal_verdicts(recorded: RecordedRun) -> None:
    expected = verdicts(replace(recorded, answers={}))
    assert {verdict.outcome for verdict in expected.values()} >= {"pass", "fail"}
    backwards = recorded.plans[::-1]
    shuffled = random.Random(1).sample(recorded.plans, len(recorded.plans))
    for plans in (backwards, shuffled):
        assert verdicts(replace(recorded, plans=plans, answers={})) == expected
