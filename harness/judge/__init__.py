"""Plan, Exchanges -> Verdict. Pure: no disk, no network, no clock. May not send again.

Order, for each shot: transport, status and shape (fail), then what the model must have done
(inconclusive), then the rest. A status that does not hold silences what comes after it on that
shot: of an error nobody learns anything about a field.
"""

from __future__ import annotations

from collections.abc import Mapping

from harness.judge.claims import claims
from harness.judge.stages import STAGES
from harness.judge.state import Answers, Docket
from harness.judge.verdict import verdict
from harness.model import Answer, Exchange, Plan, Verdict

__all__ = ["judge"]


def judge(
    plan: Plan, exchanges: Mapping[str, Exchange], shared: dict[str, Answer] | None = None
) -> Verdict:
    """The case's verdict on what came of its shots; `exchanges` by shot id.

    `shared` remembers the answers that several cases of one run look at.
    """
    if plan.skip:
        return Verdict(plan.case, "skip", "none", None, plan.skip, 0.0, (), ())
    shots = {shot.id: shot for shot in plan.shots}
    docket = Docket(plan, Answers(exchanges, shots, {} if shared is None else shared))
    for stage in STAGES:
        stage(docket)
    claims(docket)
    return verdict(docket)
