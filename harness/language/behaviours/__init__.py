"""Behaviours: named ways to treat a field. Each expands a case to probes and assertions."""

from __future__ import annotations

from harness.language.behaviours.always import ALWAYS, ALWAYS_EMPTY, PRESENT
from harness.language.behaviours.base import Assertion, Behaviour, Expansion, Probe, Step
from harness.language.behaviours.clamped import CLAMPED
from harness.language.behaviours.echoed import ECHOED
from harness.language.behaviours.exactly import EXACTLY
from harness.language.behaviours.hoisted import HOISTED, STRIPPED
from harness.language.behaviours.honoured_or_refused import HONOURED_OR_REFUSED
from harness.language.behaviours.ignored import IGNORED
from harness.language.behaviours.limited import LIMITED
from harness.language.behaviours.rejected import REJECTED, REQUIRED
from harness.language.behaviours.stateful import STATEFUL
from harness.language.behaviours.supported import SUPPORTED

BEHAVIOURS = (
    SUPPORTED,
    HONOURED_OR_REFUSED,
    IGNORED,
    CLAMPED,
    EXACTLY,
    REJECTED,
    REQUIRED,
    ALWAYS_EMPTY,
    ALWAYS,
    PRESENT,
    HOISTED,
    STRIPPED,
    ECHOED,
    STATEFUL,
    LIMITED,
)
BY_ID = {behaviour.id: behaviour for behaviour in BEHAVIOURS}

__all__ = ["BEHAVIOURS", "BY_ID", "Assertion", "Behaviour", "Expansion", "Probe", "Step"]
