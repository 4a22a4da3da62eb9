"""Plan, Exchanges -> Verdict. Pure: no disk, no network, no clock. May not send again.

Order, for each shot: transport, status and shape (fail), then what the model must have done
(inconclusive), then the rest. A status that does not hold silences what comes after it on that
shot: of an error nobody learns anything about a field.
"""

from __future__ import annotations

from collections.abc import Mapping

from harness.judge.docket import Answers, Docket
from harness.judge.stages import STAGES
from harness.judge.verdict import verdict
from harness.model import Exchange, Plan, Verdict

__all__ = ["judge"]


def judge(plan: Plan, exchanges: Mapping[str, Exchange]) -> Verdict:
    """The case's verdict on what came of its shots; `exchanges` by shot id."""
    if plan.skip:
        return Verdict(plan.case, "skip", "none", None, plan.skip, 0.0, (), ())
    docket = Docket(plan, Answers(exchanges, {shot.id: shot for shot in plan.shots}))
    for stage in STAGES:
        stage(docket)
    return verdict(docket)
