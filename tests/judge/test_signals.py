"""Signals: what the calibration of a run establishes, and what is concluded without it."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import pytest

from harness.judge import judge
from harness.judge.signals import observe_signals
from harness.model import Signals
from harness.plan.calibration import plan_calibration
from harness.prove.calibration import scripts_in
from harness.prove.in_process import InProcessGateway, gateway
from harness.prove.in_process_upstream import InProcessUpstream
from harness.run import Options, load_session
from harness.testbed.mutants.upstream import UPSTREAM_MUTANTS
from harness.testbed.variants import VARIANTS

MAX_REQUESTS = 24  # of a protocol, in both modes together
DEAD: list[tuple[str, set[str]]] = [
    ("usage.constant", {"tokens", "output_tokens"}),
    ("usage.missing-streamed", {"tokens", "output_tokens"}),
    ("usage.jitter", {"tokens"}),
    ("model.disobedient", {"instructions", "counting", "vision", "output_tokens"}),
    ("model.innumerate", {"counting", "output_tokens"}),
    ("model.blind", {"vision"}),
    ("model.system-prompt", set()),
]


@cache
def session() -> Any:
    return load_session(Options(packs=("openai-chat", "openai-compat", "anthropic-messages")))


@cache
def calibrations() -> Any:
    loaded = session()
    cases = [case for pack in loaded.packs.values() for case in pack.cases]
    plans = [loaded.plan(case) for case in cases if case.feature != "upstream"]
    return plan_calibration(plans, loaded.packs.values(), loaded.target)


def signals_on(variant_id: str) -> Signals:
    overrides = next(v.overrides for v in VARIANTS if v.id == variant_id)
    sender = InProcessGateway(session().target)
    return observe_signals(
        calibrations(), sender.fire(gateway(overrides), scripts_in(calibrations()))
    )


def test_a_calibration_has_few_requests() -> None:
    requests = dict.fromkeys((each.protocol for each in calibrations()), 0)
    for each in calibrations():
        requests[each.protocol] += len(each.tries)
    assert max(requests.values()) <= MAX_REQUESTS


@pytest.mark.parametrize(("variant", "dead"), DEAD, ids=[name for name, _ in DEAD])
def test_only_the_signals_that_a_target_lacks_are_dead(variant: str, dead: set[str]) -> None:
    states = signals_on(variant).values()
    assert {state.signal for state in states if not state.alive} <= dead
    assert {state.signal for state in states if not state.alive} >= dead - {"output_tokens"}
    assert all(state.reason for state in states if not state.alive)


def test_useless_usage_in_streams_does_not_matter_for_plain_answers() -> None:
    states = signals_on("usage.constant-streamed")
    modes = {mode for (_, mode, name), s in states.items() if name == "tokens" and not s.alive}
    assert modes == {"stream"}


@pytest.mark.parametrize("has_callers_key", [True, False])
def test_errors_of_a_provider_about_the_callers_own_key_are_no_leak(
    has_callers_key: bool,
) -> None:
    behind = InProcessUpstream(("openai-chat",))
    plan = behind.plans["openai-chat/upstream.error.401"]
    mutant = next(each for each in UPSTREAM_MUTANTS if each.id.endswith("401-key"))
    needed = behind.calibrations_for([plan])
    sent = {
        shot: replace(
            exchange,
            forwarded=tuple(
                replace(f, has_callers_key=has_callers_key) for f in exchange.forwarded or ()
            ),
        )
        for shot, exchange in behind.fire([plan], mutant.override, scripts_in(needed)).items()
    }
    verdict = judge(plan, sent, signals=observe_signals(needed, sent))
    expected = ("inconclusive", "signal") if has_callers_key else ("fail", None)
    assert (verdict.outcome, verdict.cause) == expected
