"""clamped: a value outside the range is treated as the nearest bound."""

from __future__ import annotations

from harness.language.behaviours.base import Assertion, Behaviour, Expansion
from harness.language.behaviours.expansion import build_expansion, probes_for
from harness.language.behaviours.steps import field_pointer
from harness.model import Case


def expand(case: Case) -> Expansion:
    bounds = case.spec["range"]
    args = {"at": field_pointer(case), **bounds}
    probes = [
        *probes_for(case, "in", (bounds["min"], bounds["max"])),
        *probes_for(case, "over", case.spec["beyond"]),
    ]
    inside, outside = ("in",), ("over",)
    every = (*inside, *outside)
    assertions = [
        Assertion("clamped.bounds", "status", "ok", "must", inside, "", "", "status", "/range"),
        Assertion("clamped.refused", "status", "ok", "must", outside, "", "", "status", "/beyond"),
        Assertion("clamped.forwarded", "forwarded_bound", args, tags=every, pointer="/range"),
    ]
    return build_expansion(case, probes, assertions, every)


CLAMPED = Behaviour(
    id="clamped",
    promise="a value beyond the range means the bound",
    ceiling="accepted",
    keys={
        "range": {
            "type": "object",
            "description": "The range of legal values; both bounds are sent too.",
            "required": ["min", "max"],
            "properties": {
                "min": {"type": "number", "description": "Smallest legal value."},
                "max": {"type": "number", "description": "Largest legal value."},
            },
            "additionalProperties": False,
        },
        "beyond": {
            "type": "array",
            "items": {"type": "number"},
            "minItems": 1,
            "description": "Values outside the range, to be accepted and clamped.",
        },
    },
    required=("range", "beyond"),
    expand=expand,
    needs="an upstream would show the value that is forwarded",
    example="""\
- id: temperature
  row: temperature
  behaviour: clamped
  field: $.temperature
  range: {min: 0, max: 1}
  beyond: [1.01, 1.5, 2]
""",
)
