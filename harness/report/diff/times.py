"""Seconds of the same shots in two runs -> what took longer, beyond noise. Pure.

A shot is compared with itself, so that a long answer is not held against a short one; answers of
another status are left out. One measurement says nothing: the shots of a mode are taken together,
and a change is told where all three hold:

- at least 30 shots were answered in both runs;
- the median of their ratios is beyond 1.25, up or down, and that of their differences beyond
  10 ms: a handful of slow answers moves no median, and below that a machine's own mood shows;
- of ten stretches of the run, one after the other, at least nine went the same way by their own
  medians, as chance would have it once in fifty times. Shots that were sent together share the
  mood of network and machine, and are not witnesses of their own; stretches nearly are.

It cannot tell a slower gateway from a slower network, model or machine.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from statistics import median
from typing import Any, Final

Data = dict[str, Any]
Times = Mapping[str, float]
FEWEST: Final = 30
RATIO: Final = 1.25
SECONDS: Final = 0.010
STRETCHES: Final = 10
AGREEING: Final = 9


def times(before: Data, after: Data, first: tuple[Times, Times] | None = None) -> list[Data]:
    """By mode and measure; `first`: seconds to the first byte, by shot, where they are known."""
    old, new = by_shot(before), by_shot(after)
    same = [shot for shot in new if shot in old and comparable(old[shot], new[shot])]
    found = [*measured("total time", same, new, seconds(old), seconds(new))]
    if first:
        found = [*measured("time to the first byte", same, new, *first), *found]
    return found


def by_shot(report: Data) -> dict[str, Data]:
    """Controls are shared, and stand with every case that needs them."""
    return {shot["id"]: shot for case in report["cases"] for shot in case["shots"]}


def comparable(old: Data, new: Data) -> bool:
    return old["status"] == new["status"] and old["status"] in range(200, 300)


def seconds(shots: Mapping[str, Data]) -> Times:
    return {name: float(shot["seconds"]) for name, shot in shots.items()}


def measured(
    what: str, same: Iterable[str], shots: Mapping[str, Data], old: Times, new: Times
) -> Iterator[Data]:
    modes: dict[str, list[tuple[float, float]]] = {}
    for shot in same:
        if old.get(shot, 0) > 0 and new.get(shot, 0) > 0:
            modes.setdefault(shots[shot]["mode"], []).append((old[shot], new[shot]))
    for mode, pairs in modes.items():
        yield {"what": what, "mode": mode, **compared(pairs)}


def compared(pairs: list[tuple[float, float]]) -> Data:
    """`slower`, `faster` or `same`; medians in seconds."""
    ratio = median(new / old for old, new in pairs)
    difference = median(new - old for old, new in pairs)
    large = max(ratio, 1 / ratio) >= RATIO and abs(difference) >= SECONDS
    beyond = len(pairs) >= FEWEST and large and throughout(pairs, ratio > 1)
    return {
        "shots": len(pairs),
        "before": round(median(old for old, _ in pairs), 4),
        "after": round(median(new for _, new in pairs), 4),
        "ratio": round(ratio, 3),
        "verdict": ("slower" if ratio > 1 else "faster") if beyond else "same",
    }


def throughout(pairs: list[tuple[float, float]], slower: bool) -> bool:
    """Whether the stretches of a run agree."""
    edges = [len(pairs) * turn // STRETCHES for turn in range(STRETCHES + 1)]
    ratios = [
        median(new / old for old, new in pairs[start:stop]) for start, stop in pairwise(edges)
    ]
    return sum((ratio > 1) == slower for ratio in ratios) >= AGREEING
