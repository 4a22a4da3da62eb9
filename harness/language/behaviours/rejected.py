"""rejected, required: a value, or the absence of a field, is refused with a proper error."""

from __future__ import annotations

from dataclasses import replace

from harness.language.behaviours.base import Assertion, Behaviour, Expansion, Probe
from harness.language.behaviours.expansion import build_expansion, probe_or_values
from harness.language.behaviours.steps import field_pointer, steps_of
from harness.model import Case


def refusal(case: Case, rule: str, names_field: bool) -> list[Assertion]:
    """Return: refused at all, with a 4xx, with the protocol's error object, naming the field."""
    assertions = [
        Assertion(f"{rule}.refused", "status", "not-ok", stage="status", pointer="/behaviour"),
        Assertion(f"{rule}.status", "status", "refused", pointer="/behaviour"),
        Assertion(f"{rule}.error", "schema", "error", pointer="/behaviour"),
    ]
    if names_field:
        args = {"field": case.spec.get("error_names", field_pointer(case))}
        assertions.append(Assertion(f"{rule}.named", "named", args, "should", pointer="/field"))
    return assertions


def expand_rejected(case: Case) -> Expansion:
    names_field = "values" in case.spec or "error_names" in case.spec
    probes = [replace(probe, exact=True) for probe in probe_or_values(case)]
    return build_expansion(case, probes, refusal(case, "rejected", names_field))


def expand_required(case: Case) -> Expansion:
    probe = Probe("probe", "absent", steps_of(case.spec))
    probe = replace(probe, drop=(field_pointer(case),), exact=True)
    return build_expansion(case, [probe], refusal(case, "required", names_field=True))


REJECTED = Behaviour(
    id="rejected",
    ceiling="effect",
    expand=expand_rejected,
)
REQUIRED = Behaviour(
    id="required",
    ceiling="effect",
    expand=expand_required,
)
