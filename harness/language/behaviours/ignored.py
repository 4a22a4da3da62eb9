"""ignored: every value is accepted and has no effect."""

from __future__ import annotations

from dataclasses import replace

from harness.language.behaviours.assertions import control
from harness.language.behaviours.base import Assertion, Behaviour, Expansion
from harness.language.behaviours.expansion import build_expansion, probes_for
from harness.language.behaviours.steps import field_pointer, steps_of
from harness.model import Case

TAGS = {"values": "legal", "boundary_values": "extreme", "wrong_type_values": "wrong"}


def expand(case: Case) -> Expansion:
    values = [(tag, case.spec.get(key, ())) for key, tag in TAGS.items()]
    probes = [probe for tag, group in values for probe in probes_for(case, tag, group)]
    probes.append(control(steps_of(case.spec), "control", {}))
    field = {"at": field_pointer(case)}
    legal, wrong, every = ("legal", "extreme"), ("wrong",), tuple(TAGS.values())
    refused = Assertion("ignored.refused", "status", "ok", tags=legal, stage="status")
    effect = Assertion("ignored.effect", "untouched", field, "should", every, against="control")
    forwarded = Assertion("ignored.forwarded", "forwarded_as", tags=every, against="control")
    assertions = [
        replace(refused, pointer="/values"),
        replace(
            refused, rule="ignored.wrong-type", level="should", tags=wrong,
            pointer="/wrong_type_values",
        ),
        replace(effect, pointer="/field"),
        replace(forwarded, pointer="/field"),
    ]  # fmt: skip
    return build_expansion(case, probes, assertions, legal)


IGNORED = Behaviour(
    id="ignored",
    ceiling="differential",
    expand=expand,
    needs="an upstream would show that the field is not forwarded",
)
