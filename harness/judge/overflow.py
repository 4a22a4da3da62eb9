"""Refusals of a prompt that is longer than the context of the model.

They are a fact about the model, and not about the field that makes the request long. The error has
to name it, and each shorter request of the case has to be answered, or be refused in the same way.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Final

from harness.judge.blocking import REFUSING
from harness.judge.state import CaseEvaluation
from harness.model import Answer, Mode
from harness.model.exchanges import PANEL, is_shared

# The words of OpenAI, Anthropic, vLLM, llama.cpp, Gemini and of gateways before them.
OVERFLOW: Final = re.compile(
    r"context[\s_-]*(length|size|window|limit)|(available|maximum|model'?s?) context"
    r"|(prompt|input|request)\b.{0,30}\b(is|are)? ?too long"
    r"|(exceeds?|exceeded|over|above)\b.{0,40}\b(maximum number of|max(imum)?|input|prompt) tokens",
    re.IGNORECASE,
)
STATUSES: Final = (400, 413, 422, 500)


def judge_overflow(evaluation: CaseEvaluation) -> None:
    """Leave shots undecided whose prompt does not fit into the context of the model."""
    if evaluation.plan.case.behaviour in REFUSING:
        return
    for shot in evaluation.plan.shots:
        if shot.tag == PANEL or not evaluation.is_active(shot.id):
            continue
        answer = evaluation.answers[shot.id]
        message = overflow_message(answer)
        others = answered(evaluation, shot.mode)
        if message and all(size(other) < size(answer) for other in others):
            evaluation.suppress(shot.id)
            if not is_shared(shot.id):
                evaluation.add_cause("model", f"{shot.id}: the prompt is too long: {message}")
                evaluation.undecided.add(shot.id)


def overflow_message(answer: Answer) -> str:
    """Return the words of an error that state that the prompt is too long; "" for other answers."""
    if answer.status not in STATUSES:
        return ""
    match = OVERFLOW.search(answer.text)
    return answer.text[max(match.start() - 60, 0) : match.end() + 60].strip() if match else ""


def answered(evaluation: CaseEvaluation, mode: Mode) -> Iterator[Answer]:
    """Yield the answers with a success status that the case has in one mode."""
    for shot in evaluation.plan.shots:
        if shot.mode == mode and evaluation.is_answered(shot.id):
            yield evaluation.answers[shot.id]


def size(answer: Answer) -> int:
    return len(json.dumps(answer.request, ensure_ascii=False))
