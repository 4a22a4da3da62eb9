"""honoured_or_refused: the field has its documented effect, or every value is refused by name.

A refusal is permitted only where it is consistent. A target that takes one value of the field and
refuses another one breaks the document, so further values are sent to compare with.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from harness.language.behaviours.base import Assertion, Behaviour, Expansion, Probe
from harness.language.behaviours.expansion import (
    build_expansion,
    if_answered,
    probe_or_values,
    probes_for,
)
from harness.language.behaviours.steps import field_pointer
from harness.language.checks.forward_table import MEMBERS, OF_MODEL
from harness.model import Case

RULE = "honoured_or_refused"
# What was forwarded is judged whatever the answer was; the last two are about refusals.
ON_EVERY_ANSWER = ("forwarded", "forwarded_field", "forwarded_member", "named", "refused_alike")


def expand(case: Case) -> Expansion:
    """Return the expansion. The case's own checks apply to answers only, not to refusals."""
    own, further = probe_or_values(case), list(further_probes(case))
    comparable = ("probe", *(probe.tag for probe in further if probe.tag != "default"))
    every = ("probe", *(probe.tag for probe in further))
    at = field_pointer(case)
    names = {"field": case.spec.get("error_names", at)}
    alike = Assertion(
        f"{RULE}.consistent", "refused_alike", {"at": at}, tags=comparable, against="probe"
    )
    assertions = [
        Assertion(f"{RULE}.status", "status", "ok-or-refused", tags=every, stage="status"),
        Assertion(f"{RULE}.named", "named", names, tags=every),
        alike,
    ]
    if at.startswith("/tool_choice"):
        own, further = ([replace(one, exact=True) for one in each] for each in (own, further))
    assertions += arrival(case, at)
    placed = [replace(one, pointer="/behaviour") for one in assertions]
    expansion = build_expansion(case, [*own, *further], placed)
    return replace(expansion, assertions=tuple(map(restrict, expansion.assertions)))


def arrival(case: Case, at: str) -> Iterator[Assertion]:
    """Yield the assertion that the field reaches the provider if the request is answered.

    A case with an assertion of its own on the forwarded request states itself what a provider gets
    that has the field.
    """
    name = at.removeprefix("/")
    has_own = any("forwarded" in case.spec.get(key, {}) for key in ("expect", "should"))
    if name in OF_MODEL:
        args = {"name": name, "unknown_only": has_own}
        yield Assertion(f"{RULE}.forwarded", "forwarded_field", args)
    elif MEMBERS.fullmatch(at):
        yield Assertion(f"{RULE}.forwarded", "forwarded_member", {"at": at})


def further_probes(case: Case) -> Iterator[Probe]:
    """Yield the further values, each sent once a run, since they only show what is refused.

    The default value is not compared: a model that refuses all other values can still take it.
    """
    for index, probe in enumerate(probes_for(case, "more", case.spec.get("boundary_values", ()))):
        yield replace(probe, tag=f"more-{index}", shared=True)
    if "value" in case.spec:
        for probe in probes_for(case, "default", (case.spec["value"],)):
            yield replace(probe, shared=True)


def restrict(assertion: Assertion) -> Assertion:
    """Restrict a check of the answer to answers: a refusal does not show the field's effect."""
    applies = assertion.stage == "rest" and assertion.tags == ("probe",)
    return if_answered(assertion) if applies and on_answer(assertion) else assertion


def on_answer(assertion: Assertion) -> bool:
    return assertion.check not in ON_EVERY_ANSWER


HONOURED_OR_REFUSED = Behaviour(
    id=RULE,
    ceiling="differential",
    expand=expand,
    needs="an upstream would show that the field is forwarded",
)
