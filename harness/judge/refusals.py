"""Notes permitted refusals: requests that were refused where an answer is permitted as well.

Such a refusal is an observation of its own. The case can pass with it, but with the grade
`accepted` at most, because a refusal does not show the effect of a field.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from harness.judge.state import CaseEvaluation
from harness.language.checks.status import OK, REFUSED, expected_status
from harness.model import Cause, PlannedAssertion, Refused

OVERLOADED: Final[Mapping[int, Cause]] = {
    **dict.fromkeys((429, 529), "rate-limit"),
    **dict.fromkeys((502, 503, 504, *range(520, 525)), "transport"),
}


def note_refusals(evaluation: CaseEvaluation) -> None:
    """Note the shots that were refused although an answer was permitted as well."""
    by_shot: dict[str, list[PlannedAssertion]] = {}
    for assertion in evaluation.plan.assertions:
        if assertion.check in ("status", "when") and assertion.level != "may":
            for shot in assertion.shots:
                by_shot.setdefault(shot, []).append(assertion)
    for shot, assertions in by_shot.items():
        exchange = evaluation.exchange(shot)
        status = exchange.status if exchange else None
        refused = status in REFUSED and status not in OVERLOADED
        if refused and evaluation.is_active(shot) and is_permitted(status, assertions):
            evaluation.refused.add(shot)
            evaluation.ceilings[shot] = "accepted"


def is_permitted(status: int | None, assertions: Iterable[PlannedAssertion]) -> bool:
    """Whether an answer and this refusal are both permitted, and the refusal is not asked for.

    A case that states how a refusal must look (`when`) examines the refusal itself.
    """
    permits_both = False
    for assertion in assertions:
        conditional = assertion.check == "when"
        permitted, _ = expected_status(assertion.args["status"] if conditional else assertion.args)
        if status in permitted:
            if not any(code in permitted for code in OK):
                return False
            permits_both = True
    return permits_both


def refused_part(evaluation: CaseEvaluation, own: Iterable[str]) -> Refused:
    """Return how many of the case's own shots were refused, which is permitted."""
    results = {shot in evaluation.refused for shot in own}
    return "" if True not in results else "some" if False in results else "all"
