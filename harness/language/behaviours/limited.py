"""limited: beyond the limit comes a 429 that says when to come again. Pure."""

from __future__ import annotations

from harness.language.behaviours.assertions import Scope, combined
from harness.language.behaviours.base import Assertion, Behaviour, Expansion, Probe
from harness.language.behaviours.expansion import finish, last, steps
from harness.model import Case


def expand(case: Case) -> Expansion:
    """Who never refuses in the whole burst has a wider limit than was tried: that is no fault."""
    path, beyond, tags = steps(case), case.spec["when"], ("burst",)
    http = {**path[-1].http, "auth": "limited"}
    burst = Probe("burst", "", last(path, http=http), modes=("plain",), times=case.spec["burst"])
    met = Assertion("limited.when", "when", beyond, tags=tags, pointer="/when")
    assertions = [
        Assertion("status", "status", [200, beyond["status"]], tags=tags, stage="status"),
        Assertion("limited.provoked", "provoked", beyond["status"], tags=tags, stage="assume"),
        combined(met, Scope(tags, len(path))).ask,
    ]
    return finish(case, [burst], assertions, tags)


LIMITED = Behaviour(
    id="limited",
    promise="beyond the limit comes a 429 that says when to come again",
    ceiling="effect",
    keys={
        "burst": {"type": "integer", "minimum": 2, "maximum": 1000},
        "when": {"$ref": "#/$defs/when"},
    },
    required=("burst", "when"),
    expand=expand,
)
