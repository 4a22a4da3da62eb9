"""limited: requests beyond the rate limit get a 429 that says when to retry."""

from __future__ import annotations

from harness.language.behaviours.assertions import combine
from harness.language.behaviours.base import Assertion, Behaviour, Expansion, Probe
from harness.language.behaviours.expansion import build_expansion
from harness.language.behaviours.steps import change_last, steps_of
from harness.model import Case


def expand(case: Case) -> Expansion:
    """Return the expansion. If nothing in the burst is refused, the limit is higher than it."""
    steps, refusal, tags = steps_of(case.spec), case.spec["refusal"], ("burst",)
    limited = change_last(steps, auth="limited")
    burst = Probe("burst", "", limited, modes=("plain",), times=case.spec["burst"])
    status = refusal["status"]
    assertions = [
        Assertion("status", "status", [200, status], tags=tags, stage="status"),
        Assertion("limited.provoked", "provoked", status, tags=tags, stage="assume"),
        combine(Assertion("limited.when", "when", refusal, tags=tags, pointer="/refusal"), steps),
    ]
    return build_expansion(case, [burst], assertions, tags)


LIMITED = Behaviour(
    id="limited",
    ceiling="effect",
    expand=expand,
)
