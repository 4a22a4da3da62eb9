"""The dataclasses of the harness: frozen, slotted, and built on the standard library alone."""

from __future__ import annotations

from harness.model.cases import Accepted, Case, Claim, Endpoint, Pack, Row, Target, Tier
from harness.model.exchanges import (
    Attempt,
    Call,
    Exchange,
    Forwarded,
    Script,
    Shot,
)
from harness.model.plans import Plan, PlannedAssertion, Prerequisite
from harness.model.signals import Calibration, Signals, SignalState
from harness.model.types import (
    GRADES,
    LEVELS,
    OUTCOMES,
    SIGNALS,
    AlternativeField,
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
    Refused,
    Signal,
    Stage,
    Status,
    max_grade,
)
from harness.model.verdicts import Answer, Blocker, Event, Finding, ShotResult, Verdict, Violation
