"""Violations of schemas that come from absent or useless usage.

They are in every answer, whatever a case is about. The cases about the usage report them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from harness.model import Case, Finding, PlannedAssertion, Signal, SignalState


def without_usage(
    finding: Finding,
    assertion: PlannedAssertion,
    case: Case,
    signal: Callable[[Signal], SignalState | None],
) -> Finding:
    """Return the finding, only recorded if it comes from usage that the calibration found useless.

    Args:
        signal: Returns what is known about a signal in the protocol and mode of the shot.
    """
    whole = assertion.check in ("schema", "shape")
    own = any("usage" in row for row in (case.row, *case.also))
    if finding.holds or not whole or own or not concerns_usage(finding):
        return finding
    states = (signal("tokens"), signal("output_tokens"))
    dead = any(state and not state.alive for state in states)
    return replace(finding, level="may") if dead else finding


def concerns_usage(finding: Finding) -> bool:
    """Whether a violation is about usage."""
    return any("usage" in text for text in (finding.rule, finding.at, finding.expected))
