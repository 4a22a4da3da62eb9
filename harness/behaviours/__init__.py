"""A short case -> shots and demands, as data; one file each. May not fire or judge."""

from __future__ import annotations

from harness.behaviours.always import ALWAYS, ALWAYS_EMPTY, PRESENT
from harness.behaviours.clamped import CLAMPED
from harness.behaviours.exactly import EXACTLY
from harness.behaviours.ignored import IGNORED
from harness.behaviours.limited import LIMITED
from harness.behaviours.moved import HOISTED, STRIPPED
from harness.behaviours.record import Ask, Behaviour, Expansion, Probe, Step
from harness.behaviours.rejected import REJECTED, REQUIRED
from harness.behaviours.supported import SUPPORTED

BEHAVIOURS = (
    SUPPORTED,
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
    LIMITED,
)
BY_ID = {behaviour.id: behaviour for behaviour in BEHAVIOURS}

__all__ = ["BEHAVIOURS", "BY_ID", "Ask", "Behaviour", "Expansion", "Probe", "Step"]
