"""stateful: a request goes on from an earlier one, or is refused by an error that names the field.

A gateway without a memory can refuse to go on, and should name the field. What it must not do is to
answer as if the earlier request had never been.
"""

from __future__ import annotations

from dataclasses import replace

from harness.language.behaviours.base import Assertion, Behaviour, Expansion, Probe
from harness.language.behaviours.expansion import build_expansion
from harness.language.behaviours.honoured_or_refused import restrict
from harness.language.behaviours.steps import field_pointer, steps_of
from harness.model import Case

RULE = "stateful"


def expand(case: Case) -> Expansion:
    """Return the expansion. The case's own checks of the last step apply to answers only."""
    names = {"field": case.spec.get("error_names", field_pointer(case))}
    assertions = [
        Assertion(f"{RULE}.status", "status", "ok-or-refused", stage="status"),
        Assertion(f"{RULE}.named", "named", names, "should"),
    ]
    placed = [replace(one, pointer="/behaviour") for one in assertions]
    expansion = build_expansion(case, [Probe("probe", "", steps_of(case.spec))], placed)
    own = (restrict(one) if not one.step else one for one in expansion.assertions)
    return replace(expansion, assertions=tuple(own))


STATEFUL = Behaviour(
    id=RULE,
    ceiling="differential",
    expand=expand,
    needs="an upstream would show the earlier conversation",
)
