"""Calibrations of runs: those in the header of a transcript, and sending those of a live run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from harness.fire.engine import Engine
from harness.model import Calibration, Exchange, Json, Plan
from harness.util import serialization


def calibrations_in(header: Mapping[str, Json]) -> list[Calibration]:
    """Return the calibrations of a run. Transcripts of earlier versions have none."""
    return [serialization.from_json(Calibration, each) for each in header.get("calibration", ())]


def calibration_shots(calibrations: Iterable[Calibration]) -> set[str]:
    """Return the ids of the shots of calibrations."""
    scripts = (script for each in calibrations for script in each.tries.values())
    return {shot.id for script in scripts for shot in script.shots}


def send_calibration(
    engine: Engine, calibrations: Iterable[Calibration], plans: Sequence[Plan]
) -> Mapping[str, Exchange]:
    """Send calibrations before all else and return their exchanges.

    What no plan sends as well is forgotten by the engine then.
    """
    scripts = [script for each in calibrations for script in each.tries.values()]
    exchanges = engine.wait(0, scripts)
    if engine.runner.is_sent_again(scripts):
        engine.send_again()
        exchanges = engine.wait(0, scripts)
    needed = {script.id for plan in plans for script in plan.scripts}
    engine.forget({script.id for script in scripts} - needed)
    return exchanges
