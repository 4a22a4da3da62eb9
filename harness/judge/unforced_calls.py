"""Judges answers to requests that were sent again because a forced tool call was refused by name.

With the choice `auto` a model need not call the tool. Without the wanted call the answer shows
nothing of what the case is about. The target did not fail then.
"""

from __future__ import annotations

from harness.judge.limits import is_cut
from harness.judge.state import CaseEvaluation
from harness.judge.tool_calls import called_names
from harness.model import Json, Shot
from harness.model.exchanges import PANEL, is_shared


def judge_unforced_calls(evaluation: CaseEvaluation) -> None:
    """Leave shots undecided if the model did not make the call that could not be forced."""
    for shot in evaluation.plan.shots:
        exchange = evaluation.exchange(shot.id)
        repeated = exchange is not None and exchange.alternative == "tool_choice"
        if not repeated or shot.tag == PANEL or not evaluation.is_active(shot.id):
            continue
        answer = evaluation.answers[shot.id]
        if not is_cut(answer) and not wanted_names(shot) & {*called_names(answer)}:
            evaluation.suppress(shot.id)
            if not is_shared(shot.id):
                reason = "the forced tool call was refused by name, and with auto none was made"
                evaluation.add_cause("model", f"{shot.id}: {reason}")
                evaluation.undecided.add(shot.id)


def wanted_names(shot: Shot) -> set[str]:
    """Return the names of the tools of which one has to be called: the forced one, or any."""
    body = shot.call.body
    choice = body["tool_choice"] if isinstance(body["tool_choice"], dict) else {}
    named = {name for name in (choice.get("name"), name_in(choice)) if name}
    return named or {tool.get("name") or name_in(tool) for tool in body["tools"]}


def name_in(tool: Json) -> Json:
    function = tool.get("function")
    return function.get("name") if isinstance(function, dict) else None
