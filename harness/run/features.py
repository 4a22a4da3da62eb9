"""Checks the opt-in features of a run against its packs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from harness.load.absent_features import ABSENT
from harness.model import Pack, Plan, Target
from harness.model.options import Options
from harness.util.errors import UsageError
from harness.util.suggestion import suggestion

UPSTREAM: Final = "upstream"  # the opt-in feature of cases that need the mock provider
NEEDS_UPSTREAM: Final = (
    "the feature upstream needs --upstream HOST:PORT, and a gateway that calls that address"
)


def check_features(options: Options, target: Target, packs: Sequence[Pack]) -> None:
    """Check the features that the user asks for.

    Args:
        packs: The packs of the run, without the cases that one of them excludes.

    Raises:
        UsageError: No pack has one, a pack excludes all its cases, or it needs the mock provider.
    """
    features = {name for pack in packs for name in pack.features}
    for feature in options.features:
        if feature not in features:
            hint = f"{suggestion(feature, features)} these packs have {', '.join(sorted(features))}"
            raise UsageError(f"no feature `{feature}`; {hint.lstrip()}")
    for feature in (*target.features, *options.features):
        if pack := excluding_pack(feature, packs):
            others = " ".join(f"--pack {name}" for name in pack.extends)
            raise UsageError(f"{pack.id} excludes the feature `{feature}`; run it with {others}")
    if UPSTREAM in (*target.features, *options.features) and not options.upstream:
        raise UsageError(NEEDS_UPSTREAM)


def excluding_pack(feature: str, packs: Sequence[Pack]) -> Pack | None:
    """Return the pack because of which a run has no case of a feature."""
    if any(case.feature == feature for pack in packs for case in pack.cases):
        return None
    return next((pack for pack in packs if pack.features.get(feature) == ABSENT), None)


def check_upstream(plans: Iterable[Plan], target: Target) -> None:
    """Raises UsageError for a case that needs the mock provider in a run without it."""
    for plan in plans:
        if plan.case.feature == UPSTREAM and not target.upstream:
            raise UsageError(f"{plan.case.name}: {NEEDS_UPSTREAM}")
