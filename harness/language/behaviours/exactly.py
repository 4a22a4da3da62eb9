"""exactly: one value works, the others are refused. Pure."""

from __future__ import annotations

from harness.language.behaviours.base import Assertion, Behaviour, Expansion
from harness.language.behaviours.expansion import finish, pointer, probes_for, when_ok
from harness.model import Case


def expand(case: Case) -> Expansion:
    """Quietly answered as if it were the value is a warning; two choices never are right."""
    probes = [
        *probes_for(case, "value", (case.spec["value"],)),
        *probes_for(case, "others", case.spec["others"]),
    ]
    field = {"field": pointer(case)}
    one = {"$.choices": {"type": "array", "minItems": 1, "maxItems": 1}}
    others, at = ("others",), "/others"
    assertions = [
        Assertion(
            "exactly.value", "status", "ok", "must", ("value",), stage="status", pointer="/value"
        ),
        Assertion(
            "exactly.others", "status", "ok-or-refused", "must", others, "", "", "status", at
        ),
        Assertion("exactly.quiet", "status", "refused", "should", others, pointer=at),
        when_ok(Assertion("exactly.choices", "body", one, "must", ("value", *others), pointer=at)),
        Assertion("exactly.named", "named", field, "should", others, pointer=at),
    ]
    return finish(case, probes, assertions, ("value",))


EXACTLY = Behaviour(
    id="exactly",
    promise="only this value works",
    ceiling="effect",
    keys={"value": True, "others": {"type": "array", "minItems": 1}},
    required=("value", "others"),
    expand=expand,
)
