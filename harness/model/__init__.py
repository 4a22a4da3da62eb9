"""The nouns of the harness. Frozen, slotted, standard library only. May not do anything."""

from __future__ import annotations

from harness.model.cases import Case, Endpoint, Pack, Row, Target, Tier
from harness.model.deviations import Accepted, Claim
from harness.model.exchanges import (
    Attempt,
    Call,
    Exchange,
    Forwarded,
    Plan,
    PlannedAssertion,
    Script,
    Shot,
)
from harness.model.types import (
    GRADES,
    OUTCOMES,
    Cause,
    End,
    Grade,
    Json,
    Level,
    Mode,
    NotSentReason,
    Outcome,
    Pairs,
    Place,
    Stage,
)
from harness.model.verdicts import Answer, Complaint, Event, Finding, ShotResult, Verdict

__all__ = [
    "GRADES",
    "OUTCOMES",
    "Accepted",
    "Answer",
    "Attempt",
    "Call",
    "Case",
    "Cause",
    "Claim",
    "Complaint",
    "End",
    "Endpoint",
    "Event",
    "Exchange",
    "Finding",
    "Forwarded",
    "Grade",
    "Json",
    "Level",
    "Mode",
    "NotSentReason",
    "Outcome",
    "Pack",
    "Pairs",
    "Place",
    "Plan",
    "PlannedAssertion",
    "Row",
    "Script",
    "Shot",
    "ShotResult",
    "Stage",
    "Target",
    "Tier",
    "Verdict",
]
