"""Answers that reach a limit of the target before their first word, as those of models that think.

They show nothing about what a case needs from a text. The request did not ask for the limit.
"""

from __future__ import annotations

from typing import Final

from harness.judge.blocking import failed_shots, withdraw
from harness.judge.limits import is_cut_by_target
from harness.judge.silence import KEPT
from harness.judge.state import CaseEvaluation
from harness.judge.tool_calls import called_names, has_text
from harness.model.protocol import PROTOCOLS

REASON: Final = "the answer reaches a limit of the target before its first word"
MEMBERS: Final = ("present", "always", "sum")  # rules about what each answer has


def judge_spent(evaluation: CaseEvaluation) -> None:
    """Withdraw what fails for lack of a text in such an answer, or in one of an earlier step."""
    for name in failed_shots(evaluation.findings):
        if not any(is_spent(evaluation, each) for each in steps_until(evaluation, name)):
            continue
        before = len(evaluation.findings)
        withdraw(evaluation, name, (*KEPT, *MEMBERS) if evaluation.is_answered(name) else ())
        if len(evaluation.findings) < before:
            evaluation.add_cause("model", f"{name}: {REASON}")
            evaluation.undecided.add(name)


def steps_until(evaluation: CaseEvaluation, name: str) -> list[str]:
    """Return the shots of a conversation up to one of them."""
    for script in evaluation.plan.scripts:
        names = [shot.id for shot in script.shots]
        if name in names:
            return names[: names.index(name) + 1]
    return []


def is_spent(evaluation: CaseEvaluation, name: str) -> bool:
    shot = next(shot for shot in evaluation.plan.shots if shot.id == name)
    if not (PROTOCOLS[shot.call.protocol].writes and evaluation.is_answered(name)):
        return False
    answer = evaluation.answers[name]
    return is_cut_by_target(answer) and not has_text(answer.body) and not any(called_names(answer))
