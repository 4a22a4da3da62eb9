"""Judging of what reached the provider, which does not depend on what came back.

An assertion on a forwarded request is evaluated even if the provider refused the request, or if the
gateway answered with an error. The provider's refusal of a wrong request is its consequence, and
replaces the failed status.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from harness.judge.state import CaseEvaluation
from harness.language.checks.status import REFUSED
from harness.model import Blocker, Finding

PREFIX: Final = "forward"  # of the rules for forwarded requests
CLIENT: Final = "client."  # of the features whose cases send what a certain program sends
# Rules whose violation has another cause than the refused request.
OWN_FAULTS: Final = (PREFIX, "schema", "stream.", "http.", "transport")


def judge_forwarded(evaluation: CaseEvaluation) -> None:
    """Evaluate the rules for every forwarded request.

    A violation that a sample request of the pack has as well belongs to another row. It is recorded
    as `may`; the case about that row reports it.
    """
    for assertion in evaluation.assertions("forwarded"):
        shot = assertion.shots[0]
        if not evaluation.reached_provider(shot) or is_foreign_and_refused(evaluation, shot):
            continue
        findings = evaluation.check(assertion, [shot])
        if findings[0].status != "fails":
            continue
        samples = filter(evaluation.reached_provider, assertion.against)
        excused = {violation_key(f) for s in samples for f in evaluation.check(assertion, [s])}
        findings = [
            replace(f, level="may") if violation_key(f) in excused else f
            for f in findings
            if f.level != "may"
        ]
        if findings:
            evaluation.record(assertion, shot, findings)


def is_foreign_and_refused(evaluation: CaseEvaluation, shot: str) -> bool:
    """Whether the caller got a refusal of a request in a form that no document has.

    Some clients send such forms. A gateway can pass them on unchanged, so that the provider refuses
    them.
    """
    case, exchange = evaluation.plan.case, evaluation.exchange(shot)
    is_foreign = case.feature.startswith(CLIENT) and case.behaviour == "honoured_or_refused"
    return is_foreign and exchange is not None and exchange.status in REFUSED


def violation_key(finding: Finding) -> tuple[str, str]:
    """Identify a violation regardless of a position and of the values in it."""
    return re.sub(r"\d+", "*", finding.at), re.sub(r"\d+", "*", finding.expected)


def judge_consequences(evaluation: CaseEvaluation) -> None:
    """Keep only the wrong request where the provider refused it: the answer shows nothing else.

    If that request is the fault of another row, it blocks the case.
    """
    for shot in sorted({finding.shot for finding in evaluation.findings}):
        own = [f for f in evaluation.findings if f.shot == shot and not f.holds]
        wrong = [finding for finding in own if finding.rule.startswith(PREFIX)]
        consequences = [f for f in own if f.level != "may" and not f.rule.startswith(OWN_FAULTS)]
        if not (wrong and consequences and evaluation.is_refused_by_provider(shot)):
            continue
        evaluation.findings = [f for f in evaluation.findings if f not in consequences]
        if all(finding.level == "may" for finding in wrong):
            first = wrong[0]
            reason = f"{first.at}: {first.expected}; got {first.got}"
            evaluation.block(shot, f"{first.rule}: {reason}", Blocker(first.rule))
