"""Judge a case: compare the exchanges of its shots with the assertions of its plan.

Judging is a pure function. It does not read files, use the network or the clock, so a stored
transcript gives the same verdict as the run that wrote it.
"""

from __future__ import annotations

from collections.abc import Mapping

from harness.judge.answers import Answers, TooLargeError
from harness.judge.stages import STAGES
from harness.judge.state import CaseEvaluation
from harness.judge.verdict import conclude
from harness.model import Answer, Exchange, Plan, Signals, Verdict

__all__ = ["judge"]


def judge(
    plan: Plan,
    exchanges: Mapping[str, Exchange],
    shared: dict[str, Answer] | None = None,
    signals: Signals | None = None,
) -> Verdict:
    """Return the verdict of a case.

    Args:
        exchanges: The exchanges of the plan's shots, by shot id.
        shared: A cache of answers that several cases of one run use; it is filled here.
        signals: What the calibration of the run has established. Without it, nothing is dead.
    """
    if plan.skip:
        return Verdict(plan.case, "skip", "none", None, plan.skip, 0.0, (), ())
    shots = {shot.id: shot for shot in plan.shots}
    answers = Answers(exchanges, shots, {} if shared is None else shared)
    evaluation = CaseEvaluation(plan, answers, signals or {})
    try:
        for stage in STAGES:
            stage(evaluation)
        return conclude(evaluation)
    except TooLargeError as error:
        return Verdict(plan.case, "inconclusive", "none", "harness", str(error), 0.0, (), ())
