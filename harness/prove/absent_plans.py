"""The cases that a session leaves out, because one of its packs lacks their feature.

Mutation testing runs them too: as a session of the packs that have them plans them, on the gateway
that those packs describe.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from harness.load.absent_features import has_absent_features
from harness.model import Plan, Target
from harness.model.options import Options
from harness.plan.repetitions import possible_shots
from harness.run import LiveSession, load_session


@dataclass(frozen=True)
class AbsentPlans:
    """Plans of cases that a session leaves out, and the target that they are for."""

    target: Target
    plans: tuple[Plan, ...]

    def targets(self, others: Iterable[Plan]) -> dict[str, Target]:
        """Return the target of each shot that only these plans have, and not the others."""
        shared = shots_of(others)
        return {shot: self.target for shot in shots_of(self.plans) if shot not in shared}


def plans_of_absent_features(loaded: LiveSession, upstream: str = "") -> AbsentPlans:
    """Plan what a session leaves out.

    Args:
        upstream: The address of the provider that the harness plays, as in the session's options.
    """
    extended = {name for pack in loaded.packs.values() for name in pack.extends}
    if not extended or not has_absent_features(loaded.packs.values()):
        return AbsentPlans(loaded.target, ())
    alone = load_session(Options(packs=tuple(sorted(extended)), upstream=upstream))
    kept = {case.name for pack in loaded.packs.values() for case in pack.cases}
    cases = [case for pack in alone.packs.values() for case in pack.cases]
    plans = tuple(alone.plan(case) for case in cases if case.name not in kept)
    return AbsentPlans(alone.target, plans)


def shots_of(plans: Iterable[Plan]) -> dict[str, None]:
    return {shot.id: None for plan in plans for shot in possible_shots(plan)}
