"""Dataclasses of signals: the requests that establish them, and what came of these requests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from harness.model.exchanges import Script
from harness.model.types import Mode, Signal


@dataclass(frozen=True, slots=True)
class Calibration:
    """Plain requests in one protocol and mode that establish which signals are alive.

    `signals` are those that an assertion of the run needs; `tries` has the scripts by the name of
    the try. Of a merged run, each shard has calibrations for its own `cases`; empty means all.
    """

    protocol: str
    mode: Mode
    signals: tuple[Signal, ...]
    tries: Mapping[str, Script]
    cases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SignalState:
    """Whether effects can be concluded from a signal; if not, `reason` says why."""

    protocol: str
    mode: Mode
    signal: Signal
    alive: bool
    reason: str = ""


# A signal that is not in here was not calibrated, and is taken as alive.
Signals = Mapping[tuple[str, Mode, Signal], SignalState]
