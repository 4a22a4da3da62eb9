"""Case, Pack, Target -> Plan: every shot with its bytes-to-be, every demand with its shots. Pure.

A demand is resolved in each mode on its own, since a stream is compared with streams.
"""

from __future__ import annotations

from harness.language.behaviours import BY_ID, Probe, Step
from harness.model import Case, Pack, Place, Plan, Script, Target
from harness.plan.assertions import needs_upstream, resolve
from harness.plan.claims import apply_claim, claim_for
from harness.plan.implicit_checks import implicit_assertions
from harness.plan.request import RequestError
from harness.plan.shots import Fired, ShotBuilder
from harness.util.errors import FileProblems

__all__ = ["first_call", "plan"]


def plan(case: Case, pack: Pack, target: Target) -> Plan:
    """What to fire for one case, and what to ask. Raises FileProblems for a case that cannot be."""
    if case.feature in target.lacks:
        return Plan(case, (), (), f"the target claims to lack {case.feature}")
    claim = claim_for(case, pack, target)
    case = apply_claim(case, claim) if claim else case
    expansion = BY_ID[case.behaviour].expand(case)
    builder = ShotBuilder(case, pack, target)
    try:
        fired = [one for probe in expansion.probes for one in builder.at(probe)]
        bases = list(builder.bases({one.mode for one in fired}))
        once_each(fired)
    except RequestError as error:
        raise FileProblems([(case.at(error.pointer), f"{case.id}: {error}")]) from error
    if not fired:
        return Plan(case, (), (), "the target claims to lack what every answer of the panel needs")
    templates = [one for one in expansion.assertions if target.upstream or not needs_upstream(one)]
    assertions = list(resolve(case, pack, templates, fired))
    assertions += implicit_assertions(case, fired, bases, assertions)
    scripts: dict[str, Script] = {}
    for one in (*fired, *bases):  # a panel's plain answer is the base answer too
        scripts.setdefault(one.script.id, one.script)
    return Plan(case, tuple(scripts.values()), tuple(assertions), claim=claim)


def once_each(fired: list[Fired]) -> None:
    """Two shots of one name would be one: they are when a case tries the same value twice."""
    seen: set[str] = set()
    for one in fired:
        if one.script.id in seen and not one.shared:
            raise RequestError("", f"{one.script.shots[-1].label} stands here twice")
        seen.add(one.script.id)


def first_call(pack: Pack, target: Target) -> Script:
    """The plain base request: the cheapest one, and a control of many cases."""
    case = Case("first", pack.id, "", "supported", "core", {}, Place(pack.folder, 1))
    control = Probe("control", "control", (Step(),), modes=("plain",), shared=True)
    return next(ShotBuilder(case, pack, target).at(control)).script
