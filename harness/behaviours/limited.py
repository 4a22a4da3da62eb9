"""limited: beyond the limit comes a 429 that says when to come again. Pure."""

from __future__ import annotations

import dataclasses

from harness.behaviours.common import combined, finish, last, steps
from harness.behaviours.record import Ask, Behaviour, Expansion, Probe
from harness.model import Case


def expand(case: Case) -> Expansion:
    path = steps(case)
    http = {**path[-1].http, "auth": "limited"}
    burst = Probe("burst", "", last(path, http=http), modes=("plain",), times=case.spec["burst"])
    refused, _ = combined(case, "when", case.spec["when"], "must", "/when", ("burst",))
    asks = [
        Ask("status", "status", [200, case.spec["when"]["status"]], tags=("burst",), stage="status"),
        Ask("limited.provoked", "provoked", case.spec["when"]["status"], tags=("burst",), stage="assume"),
        dataclasses.replace(refused, rule="limited.when"),
    ]
    return finish(case, [burst], asks, ("burst",))


LIMITED = Behaviour(
    id="limited",
    promise="beyond the limit comes a 429 that says when to come again",
    ceiling="effect",
    keys={
        "burst": {"type": "integer", "minimum": 2, "maximum": 1000},
        "when": {"type": "object", "required": ["status"]},
    },
    required=("burst", "when"),
    expand=expand,
)
