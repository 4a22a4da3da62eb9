"""always_empty, always, present: what every answer of the panel owes. Pure."""

from __future__ import annotations

from harness.behaviours.common import finish, laid, steps
from harness.behaviours.record import Ask, Behaviour, Expansion, Probe
from harness.model import Case, Json

EMPTY = {"enum": [None, "", [], {}]}
ON = {
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


def panel(case: Case) -> list[Probe]:
    """The shared answers, and the one that the case provokes."""
    probes = [
        Probe("panel", group, panel=group, shared=True) for group in case.spec.get("on", ["ok", "stream"])
    ]
    if "provoke" in case.spec:
        over = {"request": case.spec["provoke"]}
        probes.append(Probe("provoke", "provoked", laid(steps(case), over)))
    return probes


def demand(case: Case, rule: str, schema: Json, optional: str) -> list[Ask]:
    """The same schema on a path or on a header, of every panel answer."""
    tags = ("panel", "provoke")
    asks = [Ask("status", "status", "ok-or-refused", "must", ("provoke",), stage="status")]
    if "header" in case.spec:
        name = case.spec["header"] + optional
        asks.append(Ask(rule, "headers", {name: schema}, "must", tags, pointer="/header"))
    else:
        path = case.spec["path"] + optional
        asks.append(Ask(rule, "body", {path: schema}, "must", tags, pointer="/path"))
    return asks


def expand_always_empty(case: Case) -> Expansion:
    asks = demand(case, "always_empty", EMPTY, "?")
    return finish(case, panel(case), asks, ("panel", "provoke"))


def expand_always(case: Case) -> Expansion:
    asks = demand(case, "always", {"const": case.spec["value"]}, "")
    return finish(case, panel(case), asks, ("panel", "provoke"))


def expand_present(case: Case) -> Expansion:
    asks = demand(case, "present", case.spec.get("schema", True), "")
    return finish(case, panel(case), asks, ("panel", "provoke"))


PROVOKE = {"provoke": {"type": "object", "description": "a request that asks for it"}}

ALWAYS_EMPTY = Behaviour(
    "always_empty",
    "absent, null or empty in every answer",
    "effect",
    PLACE | PROVOKE,
    (),
    expand_always_empty,
    "an upstream would show it stays empty even where the provider sends it",
)
ALWAYS = Behaviour(
    "always", "the same in every answer", "effect", PLACE | {"value": True}, ("value",), expand_always
)
PRESENT = Behaviour(
    "present",
    "there and well formed in every answer",
    "shape",
    PLACE | PROVOKE | {"schema": {"type": ["object", "boolean"]}},
    (),
    expand_present,
    "an upstream would show that it is copied from the provider's",
)
