"""Units on a Dask cluster: a real scheduler and two workers, without a shared folder."""

from __future__ import annotations

import json
import queue
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from harness.fleet.fleet_file import read_fleet
from harness.fleet.on_dask import DaskEngine
from harness.fleet.records import Record, folder_of
from harness.fleet.schedule import HostRoom, run_units
from harness.fleet.units import Unit
from tests.support import pack_on_disk
from tests.support.dask_cluster import Cluster, dask_cluster
from tests.support.held_gateway import HeldGateway, held_gateway

pytestmark = pytest.mark.no_cover
distributed = pytest.importorskip("distributed")


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    (tmp_path / "cluster").mkdir()
    with dask_cluster(tmp_path / "cluster", 2, TINY_KEY=pack_on_disk.KEY) as started:
        yield started


def write_fleet(folder: Path, **urls: str) -> tuple[Unit, ...]:
    targets = [{"target": url, "name": name} for name, url in urls.items()]
    data = {
        "targets": targets,
        "models": ["builtin-1"],
        "packs": ["tiny"],
        "options": {"api-key-env": "TINY_KEY", "concurrency": 2},
    }
    (folder / "fleet.yaml").write_text(json.dumps(data), "utf-8")
    return read_fleet(folder / "fleet.yaml")


def sent_requests(out: Path, unit: Unit) -> int:
    """The requests of a unit, by its transcript."""
    lines = (folder_of(out, unit) / "transcript.jsonl").read_text("utf-8").splitlines()
    exchanges = [json.loads(line).get("exchange") for line in lines]
    return sum(len(one["attempts"]) for one in exchanges if one)


def kill_worker_of(unit: Unit, client: Any, cluster: Cluster) -> str:
    """Kill the worker that runs a unit. Returns its name."""
    [address] = [at for at, keys in client.processing().items() if any(unit.id in k for k in keys)]
    name = str(client.scheduler_info()["workers"][address]["name"])
    cluster.workers[name].kill()
    return name


def test_a_killed_worker_loses_nothing_and_nothing_is_requested_twice(
    tmp_path: Path, tiny_pack: Path, cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tiny_pack.parent)
    out, answers = tmp_path / "fleet", queue.Queue[tuple[str, int]]()
    with held_gateway(6) as slow, held_gateway(1_000_000) as quick:
        units = write_fleet(tiny_pack.parent, slow=slow.url, quick=quick.url)
        with DaskEngine(cluster.address, out, 2, lambda *state: answers.put(state)) as engine:
            records = dict[str, Record]()
            killed = ""
            for record in run_units(units, engine, HostRoom(), lambda *state: None):
                records[record.unit] = record
                if record.unit.startswith("quick"):
                    wait_until_kept(answers, slow)
                    killed = kill_worker_of(units[0], engine.client, cluster)
                    slow.release()
        assert [records[unit.id].code for unit in units] == [0, 0]
        assert records[units[0].id].where not in ("", killed)
        for unit, gateway in zip(units, (slow, quick), strict=True):
            report = pack_on_disk.read_report(folder_of(out, unit))
            assert report["totals"]["pass"] == 3
            assert sent_requests(out, unit) == gateway.answered
        assert slow.held > 0
        continue_quick_unit(out, units[1], cluster, quick)


def continue_quick_unit(out: Path, unit: Unit, cluster: Cluster, gateway: HeldGateway) -> None:
    """A unit that was interrupted continues on the cluster with what is in its folder."""
    path = folder_of(out, unit) / "transcript.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[: len(lines) // 2]))
    before, left = gateway.answered, sent_requests(out, unit)
    with DaskEngine(cluster.address, out, 0, lambda *state: None) as engine:
        [record] = run_units([unit], engine, HostRoom(), lambda *state: None)
    assert record.code == 0
    assert 0 < left < before
    assert sent_requests(out, unit) == before
    assert gateway.answered == before + (before - left)


def wait_until_kept(answers: queue.Queue[tuple[str, int]], gateway: HeldGateway) -> None:
    """Wait until the scheduler has all answers that a gateway has given before it holds."""
    assert gateway.is_holding.wait(60)
    for unit, count in iter(lambda: answers.get(timeout=60), None):
        if unit.startswith("slow") and count == gateway.answered:
            return
