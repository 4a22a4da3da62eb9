"""Leaves forced tool calls undecided in answers that a limit of the server has ended.

Such an answer does not show what the model would have called after its last word. An answer that
was cut because the case asks for few tokens is what the case is about.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Final

from harness.judge.blocking import REFUSING
from harness.judge.limits import has_roomy_limit, is_cut
from harness.judge.state import CaseEvaluation
from harness.model import Answer, Json, Shot
from harness.model.exchanges import PANEL, is_shared
from harness.util import jsonpath

ARGUMENTS: Final = (
    "$.choices[*].message.tool_calls[*].function.arguments",
    "$.content[?@.type=='tool_use'].input",
    "$.output[?@.type=='function_call'].arguments",
)
UNFORCED: Final = (None, "auto", "none")


def judge_cut_calls(evaluation: CaseEvaluation) -> None:
    """Leave shots undecided whose forced tool call is missing because the answer was cut."""
    if evaluation.plan.case.behaviour in REFUSING:
        return
    for shot in evaluation.plan.shots:
        if shot.tag == PANEL or not evaluation.is_active(shot.id) or not is_forced(shot):
            continue
        answer = evaluation.answers[shot.id]
        if is_cut(answer) and not any(is_complete(value) for value in arguments_in(answer)):
            evaluation.suppress(shot.id)
            if not is_shared(shot.id):
                reason = "the answer ends at a token limit before the tool call is complete"
                evaluation.add_cause("model", f"{shot.id}: {reason}")
                evaluation.undecided.add(shot.id)


def is_forced(shot: Shot) -> bool:
    """Whether a request forces a tool call and has no limit that could cut it on purpose."""
    body = shot.call.body
    if not isinstance(body, Mapping) or not body.get("tools"):
        return False
    choice = body.get("tool_choice")
    kind = choice.get("type") if isinstance(choice, Mapping) else choice
    return has_roomy_limit(body) and kind not in UNFORCED


def arguments_in(answer: Answer) -> Iterator[Json]:
    for path in ARGUMENTS:
        yield from (value for _, value in jsonpath.find(path, answer.body))


def is_complete(arguments: Json) -> bool:
    """Whether the arguments of a call are a whole JSON object."""
    if not isinstance(arguments, str):
        return isinstance(arguments, Mapping)
    try:
        return isinstance(json.loads(arguments), Mapping)
    except ValueError:
        return False
