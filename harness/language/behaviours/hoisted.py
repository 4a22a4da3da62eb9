"""hoisted, stripped: the same to the model as another request. Pure."""

from __future__ import annotations

from harness.language.behaviours.base import Assertion, Behaviour, Expansion, Probe
from harness.language.behaviours.expansion import control, finish, steps
from harness.model import Case

TOKENS = ["$.usage.prompt_tokens"]
CONTENT = "$.choices[0].message.content"
REQUEST = {"type": "object", "minProperties": 1}


def expand_hoisted(case: Case) -> Expansion:
    """Lost means: not obeyed, and not counted either. One of the two alone accuses nobody."""
    reference = control(steps(case), "joined", {"request": case.spec["joined"]})
    obeyed = Assertion("body", "body", {CONTENT: case.spec["obeyed"]}, pointer="/obeyed")
    counted = Assertion("not_less", "not_less", TOKENS, against="joined", pointer="/joined")
    assertions = [
        Assertion("hoisted.refused", "status", "ok", stage="status", pointer="/request"),
        Assertion("hoisted.lost", "any", {}, pointer="/obeyed", parts=((obeyed,), (counted,))),
        Assertion(
            "hoisted.tokens", "same_as", TOKENS, "should", against="joined", pointer="/joined"
        ),
        Assertion("hoisted.forwarded", "forwarded_as", against="joined", pointer="/joined"),
        Assertion(
            "model", "body", obeyed.args, tags=("joined",), stage="assume", pointer="/obeyed"
        ),
    ]
    return finish(case, [Probe("probe", "", steps(case)), reference], assertions)


def expand_stripped(case: Case) -> Expansion:
    reference = control(steps(case), "without", {"request": case.spec["without"]})
    assertions = [
        Assertion("stripped.refused", "status", "ok", stage="status", pointer="/request"),
        Assertion(
            "stripped.tokens", "same_as", TOKENS, "should", against="without", pointer="/without"
        ),
        Assertion("stripped.forwarded", "forwarded_as", against="without", pointer="/without"),
    ]
    return finish(case, [Probe("probe", "", steps(case)), reference], assertions)


HOISTED = Behaviour(
    id="hoisted",
    promise="moved to the front, joined by one newline, in order",
    ceiling="differential",
    keys={"joined": REQUEST, "obeyed": {"type": "object"}},
    required=("request", "joined", "obeyed"),
    expand=expand_hoisted,
    needs="an upstream would show the joined text itself",
)

STRIPPED = Behaviour(
    id="stripped",
    promise="the part is dropped, the rest is answered",
    ceiling="differential",
    keys={"without": REQUEST},
    required=("without",),
    expand=expand_stripped,
    needs="an upstream would show that the forwarded message lacks it",
)
