"""clamped: beyond the range means the bound. Pure."""

from __future__ import annotations

from harness.language.behaviours.base import Assertion, Behaviour, Expansion
from harness.language.behaviours.expansion import finish, pointer, probes_for
from harness.model import Case

NUMBERS = {"type": "array", "items": {"type": "number"}, "minItems": 1}


def expand(case: Case) -> Expansion:
    bounds = case.spec["range"]
    args = {"at": pointer(case), **bounds}
    probes = [
        *probes_for(case, "in", (bounds["min"], bounds["max"])),
        *probes_for(case, "over", case.spec["over"]),
    ]
    assertions = [
        Assertion(
            "clamped.bounds", "status", "ok", "must", ("in",), stage="status", pointer="/range"
        ),
        Assertion(
            "clamped.refused", "status", "ok", "must", ("over",), stage="status", pointer="/over"
        ),
        Assertion(
            "clamped.forwarded", "forwarded_bound", args, "must", ("in", "over"), pointer="/range"
        ),
    ]
    return finish(case, probes, assertions, ("in", "over"))


CLAMPED = Behaviour(
    id="clamped",
    promise="a value beyond the range means the bound",
    ceiling="accepted",
    keys={
        "range": {
            "type": "object",
            "required": ["min", "max"],
            "properties": {"min": {"type": "number"}, "max": {"type": "number"}},
            "additionalProperties": False,
        },
        "over": NUMBERS,
    },
    required=("range", "over"),
    expand=expand,
    needs="an upstream would show the value that is forwarded",
)
