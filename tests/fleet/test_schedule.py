"""Units start when workers and hosts have room, and no host has more units than it allows."""

from __future__ import annotations

import queue
from collections import Counter
from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.fleet.records import Record
from harness.fleet.schedule import HostRoom, run_units
from harness.fleet.units import Limits, Unit


class CountingEngine:
    """Ends one of the running units at a time, and counts those that run on each host."""

    def __init__(self, workers: int) -> None:
        self.workers, self.running = workers, list[Unit]()
        self.started, self.most = list[str](), Counter[str]()
        self.ended: queue.Queue[Record] = EndingQueue(self)
        self.stopped = False

    def room(self) -> int:
        return self.workers

    def start(self, units: Sequence[Unit]) -> None:
        self.running += units
        self.started += [unit.id for unit in units]
        now = Counter(host for unit in self.running for host in unit.hosts)
        self.most = self.most | now | Counter(workers=len(self.running))

    def stop(self) -> None:
        self.stopped = True


class EndingQueue(queue.Queue[Record]):
    """Gives the record of the unit that has run longest."""

    def __init__(self, engine: CountingEngine) -> None:
        super().__init__()
        self.engine = engine

    def get(self, block: bool = True, timeout: float | None = None) -> Record:
        if not self.engine.running:
            raise queue.Empty
        return Record(self.engine.running.pop(0).id, 0)


def unit(number: int, hosts: Mapping[str, Limits]) -> Unit:
    return Unit("t", f"m{number}", "p", hosts, ())


HOSTS = {"a": Limits(units=1), "b": Limits(units=2), "c": Limits(units=3)}


@given(
    chosen=st.lists(st.sets(st.sampled_from(sorted(HOSTS)), max_size=2), max_size=20),
    workers=st.integers(1, 6),
)
def test_no_host_and_no_worker_has_more_than_it_can(chosen: list[set[str]], workers: int) -> None:
    units = [unit(n, {host: HOSTS[host] for host in hosts}) for n, hosts in enumerate(chosen)]
    engine = CountingEngine(workers)
    records = [*run_units(units, engine, HostRoom(), lambda *state: None)]
    assert sorted(record.unit for record in records) == sorted(unit.id for unit in units)
    assert sorted(engine.started) == sorted(unit.id for unit in units)
    assert all(engine.most[host] <= limits.units for host, limits in HOSTS.items())
    assert engine.most["workers"] <= workers


def test_a_busy_host_does_not_keep_others_waiting() -> None:
    units = [unit(n, {"a": Limits()}) for n in range(3)] + [unit(3, {"b": Limits()})]
    engine = CountingEngine(2)
    list(run_units(units, engine, HostRoom(), lambda *state: None))
    assert engine.started[:2] == ["t/m0/p", "t/m3/p"]


@pytest.mark.parametrize(
    ("limits", "pause"), [(Limits(), 0.0), (Limits(rpm=60), 1.0), (Limits(rpm=60, tpm=9), 60.0)]
)
def test_a_host_rests_until_its_limits_count_anew(limits: Limits, pause: float) -> None:
    now = 100.0
    hosts = HostRoom(clock=lambda: now)
    one, other = unit(0, {"a": limits}), unit(1, {"a": limits})
    hosts.take(one)
    assert not hosts.has_room(other)
    hosts.give_back(one)
    assert hosts.has_room(other) == (pause == 0.0)
    now += pause
    assert hosts.has_room(other)


def test_an_interruption_stops_the_units_that_run() -> None:
    engine = CountingEngine(1)

    def interrupt(name: str, state: str) -> None:
        if state == "done":
            raise KeyboardInterrupt

    units = [unit(0, {}), unit(1, {})]
    with pytest.raises(KeyboardInterrupt):
        list(run_units(units, engine, HostRoom(), interrupt))
    assert engine.started == ["t/m0/p"]
