"""ignored: any value is accepted, and none has an effect. Pure."""

from __future__ import annotations

from harness.behaviours.common import control, finish, pointer, probes_for
from harness.behaviours.record import Ask, Behaviour, Expansion
from harness.model import Case

VALUES = {"type": "array", "minItems": 1}
KINDS = ("values", "extreme", "wrong")
TAGS = {"values": "legal", "extreme": "extreme", "wrong": "wrong"}


def expand(case: Case) -> Expansion:
    probes = [p for kind in KINDS for p in probes_for(case, TAGS[kind], case.spec.get(kind, ()))]
    probes.append(control(case))
    args = {"at": pointer(case)}
    answered, all_tags = ("legal", "extreme"), ("legal", "extreme", "wrong")
    asks = [
        Ask("ignored.refused", "status", "ok", "must", answered, stage="status", pointer="/values"),
        Ask("ignored.wrong-type", "status", "ok", "should", ("wrong",), "", "", "status", "/wrong"),
        Ask("ignored.effect", "untouched", args, "should", all_tags, "", "control", pointer="/at"),
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
