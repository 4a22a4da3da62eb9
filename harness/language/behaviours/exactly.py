"""exactly: one value works, and the others are refused."""

from __future__ import annotations

from harness.language.behaviours.base import Assertion, Behaviour, Expansion
from harness.language.behaviours.expansion import build_expansion, if_answered, probes_for
from harness.language.behaviours.steps import field_pointer
from harness.model import Case


def expand(case: Case) -> Expansion:
    """Return the expansion. Treating another value as the right one is a `should` failure."""
    probes = [
        *probes_for(case, "value", (case.spec["value"],)),
        *probes_for(case, "others", case.spec["values"]),
    ]
    field = {"field": field_pointer(case)}
    single = {"$.choices": {"type": "array", "minItems": 1, "maxItems": 1}}
    value, others, at = ("value",), ("others",), "/values"
    either = "ok-or-refused"
    choices = Assertion("exactly.choices", "body", single, tags=(*value, *others), pointer=at)
    assertions = [
        Assertion("exactly.value", "status", "ok", "must", value, "", "", "status", "/value"),
        Assertion("exactly.others", "status", either, "must", others, "", "", "status", at),
        Assertion("exactly.quiet", "status", "refused", "should", others, pointer=at),
        if_answered(choices),
        Assertion("exactly.named", "named", field, "should", others, pointer=at),
    ]
    return build_expansion(case, probes, assertions, value)


EXACTLY = Behaviour(
    id="exactly",
    ceiling="effect",
    expand=expand,
)
