"""Calibration of the gateways in this process; only answers that differ are decoded again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from harness.judge.signals import observe_signals
from harness.model import Calibration, Exchange, Plan, Script, Signals
from harness.plan.calibration import restrict_calibrations


class Calibrator:
    """Knows the signals of the right gateway.

    Args:
        calibrations: Those of all plans.
        right: The exchanges with the right gateway, by shot id.
    """

    def __init__(self, calibrations: Sequence[Calibration], right: Mapping[str, Exchange]) -> None:
        self.calibrations, self.right = calibrations, right
        self.signals_of_right = observe_signals(calibrations, right)

    def needed_by(self, plans: Iterable[Plan]) -> tuple[Calibration, ...]:
        return restrict_calibrations(self.calibrations, plans)

    def signals(
        self, calibrations: Iterable[Calibration], exchanges: Mapping[str, Exchange]
    ) -> Signals:
        """Return the signals of another gateway, from its exchanges."""
        calibrations = tuple(calibrations)
        shots = (shot.id for script in scripts_in(calibrations) for shot in script.shots)
        if all(exchanges[shot] == self.right[shot] for shot in shots):
            return self.signals_of_right
        return observe_signals(calibrations, exchanges)


def scripts_in(calibrations: Iterable[Calibration]) -> list[Script]:
    """Return the scripts of calibrations, each of them once."""
    scripts = (script for each in calibrations for script in each.tries.values())
    return list({script.id: script for script in scripts}.values())
