"""rejected, required: a value, or its absence, is refused with a proper error. Pure."""

from __future__ import annotations

from harness.language.behaviours.base import Assertion, Behaviour, Expansion, Probe
from harness.language.behaviours.expansion import finish, last, plain_or_each, pointer, steps
from harness.model import Case

FIELD = {"type": "string", "description": "the name looked for in `param` or the message"}


def refusal(case: Case, rule: str, named: bool) -> list[Assertion]:
    """Refused at all, with a 4xx, with the protocol's error object, naming the field."""
    assertions = [
        Assertion(f"{rule}.refused", "status", "not-ok", stage="status", pointer="/behaviour"),
        Assertion(f"{rule}.status", "status", "refused", pointer="/behaviour"),
        Assertion(f"{rule}.error", "schema", "error", pointer="/behaviour"),
    ]
    if named:
        args = {"field": case.spec.get("field", pointer(case))}
        assertions.append(Assertion(f"{rule}.named", "named", args, "should", pointer="/at"))
    return assertions


def expand_rejected(case: Case) -> Expansion:
    named = "values" in case.spec or "field" in case.spec
    return finish(case, plain_or_each(case), refusal(case, "rejected", named))


def expand_required(case: Case) -> Expansion:
    path = steps(case)
    probe = Probe("probe", "absent", last(path, drop=(*path[-1].drop, pointer(case))))
    return finish(case, [probe], refusal(case, "required", True))


REJECTED = Behaviour(
    id="rejected",
    promise="refused, with a proper error",
    ceiling="effect",
    keys={"values": {"type": "array", "minItems": 1}, "field": FIELD},
    required=(),
    expand=expand_rejected,
)

REQUIRED = Behaviour(
    id="required",
    promise="its absence is refused, with a proper error",
    ceiling="effect",
    keys={"field": FIELD},
    required=(),
    expand=expand_required,
)
