"""The checks of the case language: pure functions that compare answers with arguments."""

from __future__ import annotations

from harness.language.checks.agree import STEPS_AGREE
from harness.language.checks.base import Check, NotApplicable, Undecided
from harness.language.checks.body import BODY, EVENTS, HEADERS, NAMED_SCHEMA, SHAPE
from harness.language.checks.compare import MORE_THAN, NOT_LESS, SAME_AS
from harness.language.checks.failure import ERROR_SIGNALLED_BY
from harness.language.checks.forwarded import AS_CONTROL, BOUND, FORWARDED
from harness.language.checks.names_field import NAMES_FIELD
from harness.language.checks.no_effect import UNTOUCHED
from harness.language.checks.status import PROVOKED, STATUS
from harness.language.checks.values import SAME, SAME_WITHIN, SUM, UNIQUE

CHECKS = (
    STATUS,
    HEADERS,
    NAMED_SCHEMA,
    BODY,
    EVENTS,
    SUM,
    UNIQUE,
    SAME,
    SAME_WITHIN,
    STEPS_AGREE,
    SAME_AS,
    MORE_THAN,
    SHAPE,
    NAMES_FIELD,
    UNTOUCHED,
    NOT_LESS,
    PROVOKED,
    ERROR_SIGNALLED_BY,
    FORWARDED,
    BOUND,
    AS_CONTROL,
)
BY_ID = {check.id: check for check in CHECKS}

__all__ = ["BY_ID", "CHECKS", "Check", "NotApplicable", "Undecided"]
