"""Answers, arguments -> problems: pure functions, one file for each kind. May not know of cases."""

from __future__ import annotations

from harness.checks.agree import AGREE
from harness.checks.bodies import BODY, EVENTS, HEADERS, NAMED_SCHEMA, SHAPE
from harness.checks.controls import MORE_THAN, NOT_LESS, SAME_AS
from harness.checks.failing import FAILS
from harness.checks.forwarded import AS_CONTROL, BOUND, FORWARDED
from harness.checks.named import NAMED
from harness.checks.record import Check, Problem, Silent, Undecided
from harness.checks.status import PROVOKED, STATUS
from harness.checks.untouched import UNTOUCHED
from harness.checks.values import EQUAL, SAME, SUM, UNIQUE

CHECKS = (
    STATUS,
    HEADERS,
    NAMED_SCHEMA,
    BODY,
    EVENTS,
    SUM,
    UNIQUE,
    EQUAL,
    SAME,
    AGREE,
    SAME_AS,
    MORE_THAN,
    SHAPE,
    NAMED,
    UNTOUCHED,
    NOT_LESS,
    PROVOKED,
    FAILS,
    FORWARDED,
    BOUND,
    AS_CONTROL,
)
BY_ID = {check.id: check for check in CHECKS}

__all__ = ["BY_ID", "CHECKS", "Check", "Problem", "Silent", "Undecided"]
