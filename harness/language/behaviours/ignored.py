"""ignored: any value is accepted, and none has an effect. Pure."""

from __future__ import annotations

from harness.language.behaviours.base import Assertion, Behaviour, Expansion
from harness.language.behaviours.expansion import control, finish, pointer, probes_for, steps
from harness.model import Case

VALUES = {"type": "array", "minItems": 1}
TAGS = {"values": "legal", "extreme": "extreme", "wrong": "wrong"}


def expand(case: Case) -> Expansion:
    tried = [(tag, case.spec.get(kind, ())) for kind, tag in TAGS.items()]
    probes = [probe for tag, values in tried for probe in probes_for(case, tag, values)]
    probes.append(control(steps(case), "control", {}))
    args = {"at": pointer(case)}
    answered, tags = ("legal", "extreme"), tuple(TAGS.values())
    assertions = [
        Assertion(
            "ignored.refused", "status", "ok", "must", answered, stage="status", pointer="/values"
        ),
        Assertion(
            "ignored.wrong-type", "status", "ok", "should", ("wrong",), "", "", "status", "/wrong"
        ),
        Assertion(
            "ignored.effect", "untouched", args, "should", tags, "", "control", "rest", "/at"
        ),
        Assertion(
            "ignored.forwarded", "forwarded_as", None, "must", tags, "", "control", "rest", "/at"
        ),
    ]
    return finish(case, probes, assertions, answered)


IGNORED = Behaviour(
    id="ignored",
    promise="accepted, without any effect",
    ceiling="differential",
    keys={"values": VALUES, "extreme": VALUES, "wrong": VALUES},
    required=("values",),
    expand=expand,
    needs="an upstream would show that the field is not forwarded",
)
