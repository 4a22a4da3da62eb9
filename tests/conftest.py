"""Settings of property tests, and a small pack for tests that start the harness."""

from __future__ import annotations

import gc
import os
from collections.abc import Generator
from pathlib import Path

import pytest
from coverage import Coverage
from hypothesis import HealthCheck, settings

from harness.run.environment import BASE_URLS, KEYS
from tests.support import pack_on_disk
from tests.support.coverage_off import coverage_off

# Property tests try the same examples in each run and do not depend on the speed of the machine.
settings.register_profile(
    "deterministic",
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
settings.register_profile(
    "long", settings.get_profile("deterministic"), max_examples=2000, derandomize=False
)
settings.load_profile("deterministic")


# Searches for garbage took a third of the CPU time: each went through all collected tests.
gc.disable()


def pytest_collection_finish() -> None:
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
    gc.enable()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, bool | None, bool | None]:
    if item.get_closest_marker("no_cover") is None:
        return (yield)
    with coverage_off():
        return (yield)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """One worker more than processors, since some tests wait for a target that does not answer."""
    return (os.cpu_count() or 1) + 1


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish() -> None:
    """Save what coverage measured: a worker that takes long to end is killed."""
    if measured := Coverage.current():
        measured.save()


@pytest.fixture
def tiny_pack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a small pack. The current folder is another one, and no proxy is set."""
    for name in (*BASE_URLS.values(), *(name for names in KEYS.values() for name in names)):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    monkeypatch.setenv("TINY_KEY", pack_on_disk.KEY)
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    return pack_on_disk.pack(tmp_path / "tiny")
