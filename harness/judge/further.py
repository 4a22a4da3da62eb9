"""Requests that a verdict needs in addition, because some of the planned ones failed.

A refused request is followed by simpler ones, to find out whether its field is the cause. A request
whose answer does not have the words that the case expects is sent again, since models sample.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from harness.judge.blocking import failed_shots, is_answered, required_refusals
from harness.judge.tries import MAX_TRIES, again, try_id
from harness.model import Exchange, Plan, Script, Signals, Verdict

Exchanges = Mapping[str, Exchange]
OF_FORM: Final = ("schema", "stream.", "http.")  # rules about how an answer is written


def further_scripts(
    plan: Plan, verdict: Verdict, exchanges: Exchanges, signals: Signals
) -> tuple[Script, ...]:
    """Return the scripts to send before the case is judged again; none if the verdict is final."""
    known = {script.id for script in plan.scripts}
    needed = (
        *simpler_requests(plan, verdict, exchanges),
        *form_samples(plan, verdict),
        *next_tries(plan, verdict, signals),
    )
    return tuple({s.id: s for s in needed if s.id not in known}.values())


def simpler_requests(plan: Plan, verdict: Verdict, exchanges: Exchanges) -> Iterator[Script]:
    """Yield the prerequisites of requests that are not answered: failed and required ones."""
    shots = {s for s in failed_shots(verdict.findings) if not is_answered(exchanges.get(s))}
    shots.update(required_refusals(plan, exchanges))
    for prerequisite in plan.prerequisites:
        if not prerequisite.forms and not shots.isdisjoint(prerequisite.shots):
            yield prerequisite.script


def form_samples(plan: Plan, verdict: Verdict) -> Iterator[Script]:
    """Yield the requests of cases about the form of answers, for answers that break a rule."""
    violations = [finding for finding in verdict.findings if finding.rule.startswith(OF_FORM)]
    shots = set(failed_shots(violations))
    for prerequisite in plan.prerequisites:
        if prerequisite.forms and not shots.isdisjoint(prerequisite.shots):
            yield prerequisite.script


def next_tries(plan: Plan, verdict: Verdict, signals: Signals) -> Iterator[Script]:
    """Yield scripts again whose answers lack words, unless the target always answers the same."""
    words = [finding for finding in verdict.findings if finding.depends_on_model]
    failed = set(failed_shots(words))
    known = {script.id for script in plan.scripts}
    for script in plan.scripts:
        if script.shared or failed.isdisjoint(shot.id for shot in script.shots):
            continue
        state = signals.get((script.shots[-1].call.protocol, script.mode, "repeatable"))
        if state and state.alive:
            continue
        for number in range(2, MAX_TRIES + 1):
            if try_id(script.id, number) not in known:
                yield again(script, number)
                break
