"""Starts units as workers and hosts have room for them, until all have ended."""

from __future__ import annotations

import queue
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal, Protocol

from harness.fleet.records import Record
from harness.fleet.units import Unit

TICK: Final = 0.25  # seconds between two looks at hosts that rest
State = Literal["waiting", "running", "done"]


class Engine(Protocol):
    """A place that runs units: this machine, or the workers of a cluster."""

    ended: queue.Queue[Record]

    def room(self) -> int:
        """Return how many units can run at the same time now."""

    def start(self, units: Sequence[Unit]) -> None:
        """Start units; the record of each comes to `ended`."""

    def stop(self) -> None:
        """Interrupt the units that run; their records come as well."""


@dataclass(slots=True)
class HostRoom:
    """The units that run on each host, and the hosts that must rest after one."""

    running: Counter[str] = field(default_factory=Counter)
    resting: dict[str, list[float]] = field(default_factory=dict)
    clock: Callable[[], float] = time.monotonic

    def has_room(self, unit: Unit) -> bool:
        """Whether every host of a unit allows another one now."""
        return all(
            self.running[host] + self.at_rest(host) < limits.units
            for host, limits in unit.hosts.items()
        )

    def at_rest(self, host: str) -> int:
        """Return how many places of a host are not free yet, although their units have ended."""
        now = self.clock()
        self.resting[host] = [until for until in self.resting.get(host, []) if until > now]
        return len(self.resting[host])

    def take(self, unit: Unit) -> None:
        self.running.update(unit.hosts.keys())

    def give_back(self, unit: Unit) -> None:
        for host, limits in unit.hosts.items():
            self.running[host] -= 1
            if limits.pause:
                self.resting.setdefault(host, []).append(self.clock() + limits.pause)


def startable(waiting: list[Unit], hosts: HostRoom, count: int) -> list[Unit]:
    """Take the first units that may start now, at most `count`, out of those that wait."""
    chosen: list[Unit] = []
    for unit in list(waiting) if count > 0 else ():
        if len(chosen) < count and hosts.has_room(unit):
            hosts.take(unit)
            waiting.remove(unit)
            chosen.append(unit)
    return chosen


def run_units(
    units: Sequence[Unit], engine: Engine, hosts: HostRoom, on_state: Callable[[str, State], None]
) -> Iterator[Record]:
    """Run units, and yield the record of each when it ends. An interruption ends all of them.

    Args:
        on_state: Is called with the id of a unit when its state changes.
    """
    waiting, running = list(units), dict[str, Unit]()
    try:
        while waiting or running:
            chosen = startable(waiting, hosts, engine.room() - len(running))
            running |= {unit.id: unit for unit in chosen}
            for unit in chosen:
                on_state(unit.id, "running")
            if chosen:
                engine.start(chosen)
            if record := next_record(engine, TICK):
                hosts.give_back(running.pop(record.unit))
                on_state(record.unit, "done")
                yield record
    finally:
        if running:
            engine.stop()


def next_record(engine: Engine, seconds: float) -> Record | None:
    try:
        return engine.ended.get(timeout=seconds)
    except queue.Empty:
        return None
