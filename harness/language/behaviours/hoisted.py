"""hoisted, stripped: the request has the same meaning for the model as an equivalent one."""

from __future__ import annotations

from harness.language.behaviours.assertions import control
from harness.language.behaviours.base import Assertion, Behaviour, Expansion, Probe
from harness.language.behaviours.expansion import build_expansion
from harness.language.behaviours.steps import steps_of
from harness.model import Case, Json

TOKENS = ["$.usage.prompt_tokens"]
CONTENT = "$.choices[0].message.content"
TAG, AT = "equivalent", "/equivalent_request"
EQUIVALENT: Json = {
    "$ref": "#/$defs/change",
    "description": "Change that yields the request with the same meaning; it is sent as a control.",
}


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
    equivalent = control(steps, TAG, case.spec["equivalent_request"])
    obeyed = Assertion("body", "body", {CONTENT: case.spec["obeyed_if"]}, pointer="/obeyed_if")
    counted = Assertion("not_less", "not_less", TOKENS, against=TAG, pointer=AT)
    parts = ((obeyed,), (counted,))
    refused, tokens, forwarded = assertions_for("hoisted")
    assertions = [
        refused,
        Assertion("hoisted.lost", "any_of", {}, pointer="/obeyed_if", parts=parts),
        tokens,
        forwarded,
        Assertion("model", "body", obeyed.args, tags=(TAG,), stage="assume", pointer="/obeyed_if"),
    ]
    return build_expansion(case, [Probe("probe", "", steps), equivalent], assertions)


def expand_stripped(case: Case) -> Expansion:
    steps = steps_of(case.spec)
    equivalent = control(steps, TAG, case.spec["equivalent_request"])
    probes = [Probe("probe", "", steps), equivalent]
    return build_expansion(case, probes, assertions_for("stripped"))


HOISTED = Behaviour(
    id="hoisted",
    promise="moved to the front, joined by one newline, in order",
    ceiling="differential",
    keys={
        "equivalent_request": EQUIVALENT,
        "obeyed_if": {
            "type": "object",
            "description": "JSON Schema of the answer's text if the model obeyed the messages.",
        },
    },
    required=("request", "equivalent_request", "obeyed_if"),
    expand=expand_hoisted,
    needs="an upstream would show the joined text itself",
    example="""\
- id: system.late
  row: system
  behaviour: hoisted
  request:
    body:
      messages:
        - {role: user, content: "Reply with the word."}
        - {role: system, content: "The word is: pineapple"}
  equivalent_request:
    body:
      messages:
        - {role: system, content: "The word is: pineapple"}
        - {role: user, content: "Reply with the word."}
  obeyed_if: {type: string, pattern: "(?i)pineapple"}
""",
)
STRIPPED = Behaviour(
    id="stripped",
    promise="the part is dropped, the rest is answered",
    ceiling="differential",
    keys={"equivalent_request": EQUIVALENT},
    required=("equivalent_request",),
    expand=expand_stripped,
    needs="an upstream would show that the forwarded message lacks it",
    example="""\
- id: message.name
  row: message.name
  behaviour: stripped
  request: {body: {messages: [{role: user, name: ann, content: "Say: ready"}]}}
  equivalent_request: {body: {messages: [{role: user, content: "Say: ready"}]}}
""",
)
