"""Answers without a text, of a target that answers the pack's base request without one as well.

A model can end its answer at once. The case about the text of the base request reports that. What
other cases need from a text cannot be examined then.
"""

from __future__ import annotations

import re
from typing import Final

from harness.judge.blocking import failed_shots, withdraw
from harness.judge.calibration_answers import output_count
from harness.judge.state import CaseEvaluation
from harness.judge.tool_calls import called_names, has_text
from harness.model import Blocker, Shot
from harness.model.exchanges import PANEL
from harness.model.protocol import PROTOCOLS
from harness.plan.shots import BASE

REASON: Final = "the answer to the base request has no text either"
END_TOKENS: Final = {"anthropic": 1}  # Anthropic counts the token that ends an answer
# The rules of the cases that report it.
FAULTS: Final = (
    Blocker("body $.choices[0].message.content"),
    Blocker("body $.content[?@.type=='text'].text"),
    Blocker("body $.output[?@.type=='message'].content[?@.type=='output_text'].text"),
)
TEXT: Final = re.compile(r"(content|text)\W*$")  # at the end of a rule: the path of a text
KEPT: Final = ("schema", "stream.", "headers", "status", "http.")
OWN_REQUESTS: Final = ("request", "steps", "behaviour", "client", "field", "modes")


def judge_silence(evaluation: CaseEvaluation) -> None:
    """Leave shots undecided whose answers lack a text, as the answer to the base request does."""
    every = evaluation.plan.shots
    silent = {shot.mode for shot in every if is_base(shot) and is_silent(evaluation, shot)}
    shots = {shot.id: shot for shot in every if shot.mode in silent}
    for name in failed_shots(evaluation.findings):
        if name in shots and is_silent(evaluation, first_silent(evaluation, shots[name])):
            withdraw_missing_text(evaluation, shots[name])


def is_base(shot: Shot) -> bool:
    """Return whether a shot is the pack's base request, as a comparison or as a sample."""
    return shot.tag == BASE or (shot.tag == PANEL and shot.label == "plain")


def is_silent(evaluation: CaseEvaluation, shot: Shot) -> bool:
    """Return whether a request is answered with neither a text nor a tool call.

    An answer with counted tokens had words that got lost on the way.
    """
    if not (PROTOCOLS[shot.call.protocol].writes and evaluation.is_answered(shot.id)):
        return False
    answer = evaluation.answers[shot.id]
    empty = not (answer.unreadable or has_text(answer.body) or any(called_names(answer)))
    uncounted = END_TOKENS.get(shot.call.protocol, 0)
    counted = (output_count(answer, shot.call.protocol) or 0) > uncounted
    return empty and ("thinking" in (answer.request or ()) or not counted)  # thoughts count too


def first_silent(evaluation: CaseEvaluation, shot: Shot) -> Shot:
    """Return the earlier step of a shot that has no text to send back, or the shot itself."""
    for script in evaluation.plan.scripts:
        if shot in script.shots:
            earlier = script.shots[: script.shots.index(shot)]
            return next((each for each in earlier if is_silent(evaluation, each)), shot)
    return shot


def withdraw_missing_text(evaluation: CaseEvaluation, shot: Shot) -> None:
    """Withdraw what fails for lack of a text, unless the case is about that."""
    examined = not any(key in evaluation.plan.case.spec for key in OWN_REQUESTS)
    failed = [f for f in evaluation.findings if f.shot == shot.id and f.status == "fails"]
    own = tuple(f.rule for f in failed if examined and TEXT.search(f.rule))
    before = len(evaluation.findings)
    answered = evaluation.is_answered(shot.id)
    withdraw(evaluation, shot.id, (*KEPT, *own) if answered else own)
    if len(evaluation.findings) < before:
        evaluation.block(shot.id, REASON, *FAULTS)
