"""clamped: a value outside the range is treated as the nearest bound."""

from __future__ import annotations

from harness.language.behaviours.base import Assertion, Behaviour, Expansion
from harness.language.behaviours.expansion import build_expansion, probes_for
from harness.language.behaviours.steps import field_pointer
from harness.model import Case


def expand(case: Case) -> Expansion:
    low, high = case.spec["range"]
    args = {"at": field_pointer(case), "min": low, "max": high}
    probes = [
        *probes_for(case, "in", (low, high)),
        *probes_for(case, "over", case.spec["values"]),
    ]
    inside, outside = ("in",), ("over",)
    every = (*inside, *outside)
    assertions = [
        Assertion("clamped.bounds", "status", "ok", "must", inside, "", "", "status", "/range"),
        Assertion("clamped.refused", "status", "ok", "must", outside, "", "", "status", "/values"),
        Assertion("clamped.forwarded", "forwarded_bound", args, tags=every, pointer="/range"),
    ]
    return build_expansion(case, probes, assertions, every)


CLAMPED = Behaviour(
    id="clamped",
    ceiling="accepted",
    expand=expand,
    needs="an upstream would show the value that is forwarded",
)
