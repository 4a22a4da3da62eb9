"""Judging of how answers are written: their schemas, and the rules of streams and of HTTP.

A violation belongs to the case about the form of such answers. Other cases only record it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from harness.judge.state import CaseEvaluation
from harness.model import Blocker, Finding, PlannedAssertion


class Sample(NamedTuple):
    """A request that another case examines, with the name of the case if it is known."""

    request: str
    case: str = ""


def judge_shapes(evaluation: CaseEvaluation) -> None:
    """Check schemas and stream rules of each answer.

    A violation that the base answer has as well, or that of a case about the form of such answers,
    is not caused by the field under test. It is recorded as `may` here; that case reports it.
    """
    for assertion in evaluation.assertions("shape"):
        shot = assertion.shots[0]
        if not evaluation.is_active(shot):
            continue
        findings = evaluation.check(assertion, [shot])
        if findings[0].status == "fails":
            excused = shared_violations(evaluation, assertion)
            if assertion.level == "may":  # the pack of the answer's protocol reports it
                excused = {violation_key(f): Sample(shot) for f in findings} | excused
            shared = [f for f in findings if violation_key(f) in excused]
            findings = [replace(f, level="may") if f in shared else f for f in findings]
            for f in shared:
                if f.rule.startswith("stream.") and f.level == "must":
                    request, case = excused[violation_key(f)]
                    reason = f"the streamed answer to {request} breaks the rule {f.rule}"
                    distortion = (reason, Blocker(f.rule, case=case))
                    evaluation.distorted.setdefault(shot, distortion)
        evaluation.record(assertion, shot, findings)
        leave_unreadable(evaluation, shot, findings)


def shared_violations(
    evaluation: CaseEvaluation, assertion: PlannedAssertion
) -> dict[tuple[str, str, str], Sample]:
    """Return the violations of requests that other cases examine, each with its request."""
    base = Sample("the base request")
    requests = dict.fromkeys(filter(evaluation.is_active, assertion.against), base)
    for sample in evaluation.plan.prerequisites:
        shot = sample.script.shots[0].id
        if sample.forms and assertion.shots[0] in sample.shots and evaluation.exchange(shot):
            requests[shot] = Sample(sample.label, sample.reported_by)
    return {
        violation_key(finding): name
        for shot, name in reversed(requests.items())
        for finding in evaluation.check(assertion, [shot])
        if finding.status == "fails"
    }


def leave_unreadable(evaluation: CaseEvaluation, shot: str, findings: Sequence[Finding]) -> None:
    """Suppress an answer that no client can decode; other assertions would only repeat that."""
    coding = next((f for f in findings if f.rule == "http.coding"), None)
    if coding and evaluation.answers[shot].unreadable:
        evaluation.suppress(shot)
        if coding.level == "may":  # The case that examines the base answer reports it.
            evaluation.block(shot, f"{coding.at}: {coding.got}", Blocker(coding.rule))


def violation_key(finding: Finding) -> tuple[str, str, str]:
    """Identify a violation regardless of its position in an array or a stream, and of the value."""
    expected = finding.expected[finding.expected.find(" should ") + 1 :]
    return finding.rule, re.sub(r"\d+", "*", finding.at), expected
