"""Plans a case for a target: every shot with its request, every assertion with its shots."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from harness.language.behaviours import BY_ID, Assertion, Expansion, Probe
from harness.model import Case, Pack, Plan, PlannedAssertion, Prerequisite, Script, Target
from harness.plan.assertions import plan_assertions, without_upstream
from harness.plan.claims import apply_claim, claim_for
from harness.plan.controls import controls_of
from harness.plan.form_samples import form_samples
from harness.plan.forwarding import with_forwarding
from harness.plan.implicit_checks import implicit_assertions
from harness.plan.needed_statuses import mark_needed_statuses
from harness.plan.prerequisites import Prerequisites
from harness.plan.request import RequestError
from harness.plan.row_rules import rule_assertions
from harness.plan.shots import ShotBuilder, no_case
from harness.util.errors import FileProblems

__all__ = ["first_call", "plan"]


def plan(case: Case, pack: Pack, target: Target) -> Plan:
    """Return the shots to send for a case, and the assertions on their answers.

    Raises:
        FileProblems: The case cannot be sent as written.
    """
    if case.feature in target.lacks:
        return Plan(case, (), (), f"the target claims to lack {case.feature}")
    claim = claim_for(case, pack, target)
    case = apply_claim(case, claim) if claim else case
    expansion = BY_ID[case.behaviour].expand(case)
    builder = ShotBuilder(case, pack, target)
    try:
        requests = all_requests(builder, expansion.probes)
    except RequestError as error:
        raise FileProblems([(case.at(error.pointer), f"{case.id}: {error}")]) from error
    if not requests.scripts:
        return Plan(case, (), (), "the target claims to lack what every answer of the panel needs")
    scripts, bases, samples, _ = requests
    assertions = templates(expansion, target)
    controls = controls_of(case, pack, scripts, bases, assertions)
    return Plan(
        case,
        unique([*scripts, *bases, *samples, *controls.values()]),
        tuple(all_assertions(case, pack, target, expansion, requests)),
        claim=claim,
        prerequisites=requests.prerequisites,
        controls={shot: script.shots[-1].id for shot, script in controls.items()},
    )


class Requests(NamedTuple):
    """The scripts of a case, the pack's base requests, and the samples for forwarded requests."""

    scripts: Sequence[Script]
    bases: Sequence[Script]
    samples: Sequence[Script]
    prerequisites: tuple[Prerequisite, ...]


def all_requests(builder: ShotBuilder, probes: Iterable[Probe]) -> Requests:
    """Return what a case can send. Raises RequestError."""
    sent = [(probe, script) for probe in probes for script in builder.scripts(probe)]
    scripts = [script for _, script in sent]
    modes = {script.mode for script in scripts}
    bases = list(builder.base_scripts(modes))
    samples = list(builder.samples(modes)) if builder.target.upstream else []
    check_unique(scripts)
    needed = (*Prerequisites(builder, bases).of(sent), *form_samples(builder, scripts))
    return Requests(scripts, bases, samples, needed)


def all_assertions(
    case: Case, pack: Pack, target: Target, expansion: Expansion, requests: Requests
) -> list[PlannedAssertion]:
    """Return the assertions of a case, and those that every answer gets."""
    scripts, bases, samples, _ = requests
    assertions = list(plan_assertions(case, pack, templates(expansion, target), scripts))
    assertions += rule_assertions(case, scripts)
    assertions += implicit_assertions(case, scripts, bases, assertions)
    assertions = mark_needed_statuses(case, pack, assertions, scripts, bases)
    return with_forwarding(assertions, case, scripts, samples) if target.upstream else assertions


def templates(expansion: Expansion, target: Target) -> tuple[Assertion, ...]:
    """Return the assertions that the target can decide; some need the provider behind it."""
    if target.upstream:
        return expansion.assertions
    return tuple(a for one in expansion.assertions for a in without_upstream(one))


def unique(scripts: Iterable[Script]) -> tuple[Script, ...]:
    """Return each script once; a sample answer can be a base answer too."""
    by_id: dict[str, Script] = {}
    for script in scripts:
        by_id.setdefault(script.id, script)
    return tuple(by_id.values())


def check_unique(scripts: Iterable[Script]) -> None:
    """Raise RequestError if two shots have one id, as when a case tries a value twice."""
    visited: set[str] = set()
    for script in scripts:
        if script.id in visited and not script.shared:
            raise RequestError("", f"{script.shots[-1].label} is listed twice")
        visited.add(script.id)


def first_call(pack: Pack, target: Target) -> Script:
    """Return the plain base request: the cheapest one, and a control of many cases."""
    control = Probe("control", "control", ({},), modes=("plain",), shared=True)
    return next(ShotBuilder(no_case(pack), pack, target).scripts(control))
