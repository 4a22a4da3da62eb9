"""always_empty, always, present: a constraint on every sample answer of the pack."""

from __future__ import annotations

from dataclasses import replace

from harness.language.behaviours.base import Assertion, Behaviour, Expansion, Probe
from harness.language.behaviours.expansion import build_expansion, if_answered
from harness.language.behaviours.steps import steps_of
from harness.model import Case, Json

DEFAULT_ANSWERS = ("plain", "stream")
HEADER = "header "
EMPTY: Json = {"enum": [None, "", [], {}]}


def expand(case: Case, rule: str, schema: Json, optional: str = "") -> Expansion:
    """Return one schema, for the sample answers and for the answer to the request of the case."""
    path: str = case.spec["path"]
    check = "headers" if path.startswith(HEADER) else "body"
    args = {path.removeprefix(HEADER) + optional: schema}
    on_samples = Assertion(rule, check, args, tags=("panel",), pointer="/path")
    probes = [
        Probe("panel", group, panel=group, shared=True)
        for group in case.spec.get("answers", DEFAULT_ANSWERS)
    ]
    assertions = [on_samples]
    if "request" in case.spec:
        probes.append(Probe("trigger", "provoked", steps_of(case.spec)))
        status = Assertion("status", "status", "ok-or-refused", tags=("trigger",), stage="status")
        assertions += [status, if_answered(replace(on_samples, tags=("trigger",)))]
    return build_expansion(case, probes, assertions, ("panel", "trigger"))


ALWAYS_EMPTY = Behaviour(
    id="always_empty",
    ceiling="effect",
    expand=lambda case: expand(case, "always_empty", EMPTY, "?"),
    needs="an upstream would show it stays empty even where the provider sends it",
)
ALWAYS = Behaviour(
    id="always",
    ceiling="effect",
    expand=lambda case: expand(case, "always", {"const": case.spec["value"]}),
)
PRESENT = Behaviour(
    id="present",
    ceiling="shape",
    expand=lambda case: expand(case, "present", case.spec.get("schema", True)),
    needs="an upstream would show that it is copied from the provider's",
)
