"""A forwarded request decides alone, whatever the answers of the model show.

Words and token counts of an answer are a substitute for the forwarded request. Where an assertion
on the forwarded request is decided, they are neither needed nor counted.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from harness.judge.alternatives import is_evidence
from harness.model import Cause, Plan, PlannedAssertion
from harness.model.exchanges import is_shared

ON_FORWARDED: Final = ("forwarded", "forwarded_as", "forwarded_bound")
REPLACED: Final[tuple[Cause, ...]] = ("signal", "model")  # causes that the proof makes irrelevant


def proves(assertion: PlannedAssertion) -> bool:
    """Whether an assertion of the case itself is about the forwarded request."""
    return assertion.check in ON_FORWARDED and assertion.level == "must"


def is_replaced(assertion: PlannedAssertion) -> bool:
    """Whether the forwarded request shows the same: all alternatives are words or counts."""
    return assertion.check == "any_of" and all(map(is_evidence, assertion.parts))


def is_proved(plan: Plan, proved: Collection[str]) -> bool:
    """Whether the forwarded request was decided for each of the case's own last shots."""
    own = [script.shots[-1].id for script in plan.scripts if not is_shared(script.id)]
    return bool(own) and all(shot in proved for shot in own)
