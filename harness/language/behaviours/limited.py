"""limited: requests beyond the rate limit get a 429 that states when to retry."""

from __future__ import annotations

from harness.language.behaviours.assertions import combine
from harness.language.behaviours.base import Assertion, Behaviour, Expansion, Probe
from harness.language.behaviours.expansion import build_expansion
from harness.language.behaviours.steps import change_last, steps_of
from harness.model import Case


def expand(case: Case) -> Expansion:
    """Return the expansion. If none of the requests is refused, `repeat` is below the limit."""
    steps, refusal, tags = steps_of(case.spec), case.spec["when"], ("burst",)
    limited = change_last(steps, auth="limited")
    burst = Probe("burst", "", limited, modes=("plain",), at_once=True)
    status = refusal["status"]
    assertions = [
        Assertion("status", "status", [200, status], tags=tags, stage="status"),
        Assertion("limited.provoked", "provoked", status, tags=tags, stage="assume"),
        combine(Assertion("limited.when", "when", refusal, tags=tags, pointer="/when"), steps),
    ]
    return build_expansion(case, [burst], assertions, tags)


LIMITED = Behaviour(
    id="limited",
    ceiling="effect",
    expand=expand,
)
