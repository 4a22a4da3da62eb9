"""always_empty, always, present: what every answer of the panel owes. Pure."""

from __future__ import annotations

from dataclasses import replace

from harness.language.behaviours.base import Assertion, Behaviour, Expansion, Probe
from harness.language.behaviours.expansion import finish, laid, steps, when_ok
from harness.model import Case, Json

USUAL = ("ok", "stream")
EMPTY: Json = {"enum": [None, "", [], {}]}
ON: Json = {
    "type": "array",
    "items": {"enum": ["ok", "stream", "error"]},
    "minItems": 1,
    "uniqueItems": True,
}
PLACE: dict[str, Json] = {
    "path": {"type": "string", "description": "a JSONPath in the answer"},
    "header": {"type": "string", "description": "the name of an answer's header"},
    "on": ON,
}
PROVOKE = {"provoke": {"type": "object", "description": "a request that asks for it"}}


def everywhere(case: Case, rule: str, schema: Json, optional: str = "") -> Expansion:
    """The same schema on a path or on a header, of the panel and of what the case provokes.

    Who refuses to be provoked has shown nothing; that is recorded, and no fault.
    """
    key, check = ("header", "headers") if "header" in case.spec else ("path", "body")
    owed = Assertion(
        rule, check, {case.spec[key] + optional: schema}, tags=("panel",), pointer=f"/{key}"
    )
    probes = [
        Probe("panel", group, panel=group, shared=True) for group in case.spec.get("on", USUAL)
    ]
    assertions = [owed]
    if "provoke" in case.spec:
        over = {"request": case.spec["provoke"]}
        probes.append(Probe("provoke", "provoked", laid(steps(case), over)))
        provoked = replace(owed, tags=("provoke",))
        assertions += [
            Assertion("status", "status", "ok-or-refused", "must", ("provoke",), stage="status"),
            when_ok(provoked),
        ]
    return finish(case, probes, assertions, ("panel", "provoke"))


ALWAYS_EMPTY = Behaviour(
    "always_empty",
    "absent, null or empty in every answer",
    "effect",
    PLACE | PROVOKE,
    (),
    lambda case: everywhere(case, "always_empty", EMPTY, "?"),
    "an upstream would show it stays empty even where the provider sends it",
)
ALWAYS = Behaviour(
    "always",
    "the same in every answer",
    "effect",
    PLACE | {"value": True},
    ("value",),
    lambda case: everywhere(case, "always", {"const": case.spec["value"]}),
)
PRESENT = Behaviour(
    "present",
    "there and well formed in every answer",
    "shape",
    PLACE | PROVOKE | {"schema": {"type": ["object", "boolean"]}},
    (),
    lambda case: everywhere(case, "present", case.spec.get("schema", True)),
    "an upstream would show that it is copied from the provider's",
)
