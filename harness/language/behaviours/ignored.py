"""ignored: any value is accepted, and none has an effect. Pure."""

from __future__ import annotations

from harness.language.behaviours.base import Ask, Behaviour, Expansion
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
    asks = [
        Ask("ignored.refused", "status", "ok", "must", answered, stage="status", pointer="/values"),
        Ask("ignored.wrong-type", "status", "ok", "should", ("wrong",), "", "", "status", "/wrong"),
        Ask("ignored.effect", "untouched", args, "should", tags, "", "control", "rest", "/at"),
        Ask("ignored.forwarded", "forwarded_as", None, "must", tags, "", "control", "rest", "/at"),
    ]
    return finish(case, probes, asks, answered)


IGNORED = Behaviour(
    id="ignored",
    promise="accepted, without any effect",
    ceiling="differential",
    keys={"values": VALUES, "extreme": VALUES, "wrong": VALUES},
    required=("values",),
    expand=expand,
    needs="an upstream would show that the field is not forwarded",
)
