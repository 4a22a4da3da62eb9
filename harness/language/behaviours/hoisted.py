"""hoisted, stripped: the request has the same meaning for the model as an equivalent one."""

from __future__ import annotations

from harness.language.behaviours.assertions import control
from harness.language.behaviours.base import Assertion, Behaviour, Expansion, Probe
from harness.language.behaviours.expansion import build_expansion
from harness.language.behaviours.steps import steps_of
from harness.model import Case

TOKENS = ["$.usage.prompt_tokens"]
CONTENT = "$.choices[0].message.content"
TAG, AT = "equivalent", "/control"


def assertions_for(rule: str) -> list[Assertion]:
    """Return the assertions that both behaviours make against the equivalent request."""
    return [
        Assertion(f"{rule}.refused", "status", "ok", stage="status", pointer="/request"),
        Assertion(f"{rule}.tokens", "same_as", TOKENS, "should", against=TAG, pointer=AT),
        Assertion(f"{rule}.forwarded", "forwarded_as", against=TAG, pointer=AT),
    ]


def expand_hoisted(case: Case) -> Expansion:
    """Return the expansion. A message is lost if it is neither obeyed nor counted."""
    steps = steps_of(case.spec)
    equivalent = control(steps, TAG, case.spec["control"])
    obeyed = Assertion("body", "body", {CONTENT: case.spec["schema"]}, pointer="/schema")
    counted = Assertion("not_less", "not_less", TOKENS, against=TAG, pointer=AT)
    parts = ((obeyed,), (counted,))
    refused, tokens, forwarded = assertions_for("hoisted")
    assertions = [
        refused,
        Assertion("hoisted.lost", "any_of", {}, pointer="/schema", parts=parts),
        tokens,
        forwarded,
        Assertion("model", "body", obeyed.args, tags=(TAG,), stage="assume", pointer="/schema"),
    ]
    return build_expansion(case, [Probe("probe", "", steps), equivalent], assertions)


def expand_stripped(case: Case) -> Expansion:
    steps = steps_of(case.spec)
    equivalent = control(steps, TAG, case.spec["control"])
    probes = [Probe("probe", "", steps), equivalent]
    return build_expansion(case, probes, assertions_for("stripped"))


HOISTED = Behaviour(
    id="hoisted",
    ceiling="differential",
    expand=expand_hoisted,
    needs="an upstream would show the joined text itself",
)
STRIPPED = Behaviour(
    id="stripped",
    ceiling="differential",
    expand=expand_stripped,
    needs="an upstream would show that the forwarded message lacks it",
)
