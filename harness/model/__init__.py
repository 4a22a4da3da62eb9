"""The nouns of the harness. Frozen, slotted, standard library only. May not do anything."""

from __future__ import annotations

from harness.model.accepted import Accepted, Claim
from harness.model.judged import Answer, Complaint, Event, Finding, ShotResult, Verdict
from harness.model.sent import Attempt, Call, Demand, Exchange, Forwarded, Plan, Script, Shot
from harness.model.words import (
    GRADES,
    OUTCOMES,
    Cause,
    End,
    Grade,
    Json,
    Level,
    Mode,
    Outcome,
    Pairs,
    Place,
    Stage,
)
from harness.model.written import Case, Front, Pack, Row, Target, Tier

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
    "Demand",
    "End",
    "Event",
    "Exchange",
    "Finding",
    "Forwarded",
    "Front",
    "Grade",
    "Json",
    "Level",
    "Mode",
    "Outcome",
    "Pack",
    "Pairs",
    "Place",
    "Plan",
    "Row",
    "Script",
    "Shot",
    "ShotResult",
    "Stage",
    "Target",
    "Tier",
    "Verdict",
]
