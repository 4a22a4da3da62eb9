"""Response times of the same shots in two runs: which became slower or faster, beyond noise.

A shot is compared with itself, so that long answers are not compared with short ones; shots with a
different or an error status are left out. One measurement says nothing, so the shots of a mode are
taken together. A change is reported if all of these are true:

- at least 30 shots were answered in both runs;
- the median of their ratios is above 1.25 (or below 1/1.25), and the median of their differences is
  at least 10 ms: a few slow answers do not move a median, and a machine's own noise is below 10 ms;
- of ten consecutive sections of the run, the medians of at least nine changed in the same
  direction, which happens by chance once in fifty times. Shots that are sent together see the same
  network and machine, so they are not independent; sections nearly are.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from statistics import median
from typing import Any, Final

from harness.model import Mode
from harness.report.case_types import ShotData
from harness.report.data import ReportData

Seconds = Mapping[str, float]
Pairs = list[tuple[float, float]]
MIN_SHOTS: Final = 30
MIN_RATIO: Final = 1.25
MIN_SECONDS: Final = 0.010
SECTIONS: Final = 10
MIN_AGREEING: Final = 9


def find_time_changes(
    before: ReportData, after: ReportData, first_bytes: tuple[Seconds, Seconds] | None = None
) -> list[dict[str, Any]]:
    """The changes of each measure in each mode; `before` and `after` are medians in seconds.

    `first_bytes` has the seconds to the first byte in both runs, by shot id, if they are known.
    """
    old, new = shots_by_id(before), shots_by_id(after)
    modes = {
        name: shot["mode"]
        for name, shot in new.items()
        if name in old and is_comparable(old[name], shot)
    }
    changes = [*measure("total time", modes, total_seconds(old), total_seconds(new))]
    if first_bytes:
        return [*measure("time to the first byte", modes, *first_bytes), *changes]
    return changes


def shots_by_id(report: ReportData) -> dict[str, ShotData]:
    """Every shot once; shared controls occur in several cases."""
    return {shot["id"]: shot for case in report["cases"] for shot in case["shots"]}


def is_comparable(old: ShotData, new: ShotData) -> bool:
    return old["status"] == new["status"] and old["status"] in range(200, 300)


def total_seconds(shots: Mapping[str, ShotData]) -> Seconds:
    return {name: float(shot["seconds"]) for name, shot in shots.items()}


def measure(
    what: str, modes: Mapping[str, Mode], old: Seconds, new: Seconds
) -> Iterator[dict[str, Any]]:
    pairs: dict[Mode, Pairs] = {}
    for shot, mode in modes.items():
        if old.get(shot, 0) > 0 and new.get(shot, 0) > 0:
            pairs.setdefault(mode, []).append((old[shot], new[shot]))
    for mode, times in pairs.items():
        ratio = median(after / before for before, after in times)
        yield {
            "what": what,
            "mode": mode,
            "shots": len(times),
            "before": round(median(before for before, _ in times), 4),
            "after": round(median(after for _, after in times), 4),
            "ratio": round(ratio, 3),
            "verdict": verdict(times, ratio),
        }


def verdict(times: Pairs, ratio: float) -> str:
    difference = median(after - before for before, after in times)
    large = max(ratio, 1 / ratio) >= MIN_RATIO and abs(difference) >= MIN_SECONDS
    if len(times) < MIN_SHOTS or not large or not sections_agree(times, ratio > 1):
        return "same"
    return "slower" if ratio > 1 else "faster"


def sections_agree(times: Pairs, slower: bool) -> bool:
    """Whether the sections of the run changed in the same direction."""
    edges = [len(times) * number // SECTIONS for number in range(SECTIONS + 1)]
    sections: Iterable[Pairs] = (times[start:stop] for start, stop in pairwise(edges))
    ratios = [median(after / before for before, after in section) for section in sections]
    return sum((ratio > 1) == slower for ratio in ratios) >= MIN_AGREEING
