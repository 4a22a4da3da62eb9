"""echoed: the answer repeats the value in force, or the field is refused by name.

An answer without such a member states nothing. One with another value is false, or the field was
dropped.
"""

from __future__ import annotations

from harness.language.behaviours.base import Assertion, Behaviour, Expansion
from harness.language.behaviours.expansion import build_expansion, if_answered, probe_or_values
from harness.language.behaviours.steps import field_pointer
from harness.model import Case

RULE = "echoed"


def expand(case: Case) -> Expansion:
    """Return the expansion; `path` is the member of the answer if it has another place there."""
    at = field_pointer(case)
    names = {"field": case.spec.get("error_names", at)}
    where = {"at": at, "path": case.spec.get("path", case.spec.get("field", f"$.{case.row}"))}
    value = Assertion(f"{RULE}.value", "repeated", where, pointer="/behaviour")
    assertions = [
        Assertion(
            f"{RULE}.status", "status", "ok-or-refused", stage="status", pointer="/behaviour"
        ),
        Assertion(f"{RULE}.named", "named", names, pointer="/behaviour"),
        if_answered(value),
    ]
    return build_expansion(case, probe_or_values(case), assertions)


ECHOED = Behaviour(
    id=RULE,
    ceiling="effect",
    expand=expand,
    needs="an upstream would show that the value is forwarded",
)
