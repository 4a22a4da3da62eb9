"""always_empty, always, present: a constraint on every sample answer of the pack."""

from __future__ import annotations

from dataclasses import replace

from harness.language.behaviours.base import Assertion, Behaviour, Expansion, Probe
from harness.language.behaviours.expansion import build_expansion, if_answered
from harness.language.behaviours.steps import merge_over, steps_of
from harness.model import Case, Json

DEFAULT_ANSWERS = ("plain", "stream")
EMPTY: Json = {"enum": [None, "", [], {}]}
PLACE: dict[str, Json] = {
    "path": {
        "type": "string",
        "pattern": r"^\$",
        "description": "JSONPath of the field in the answer. Either `path` or `header` is needed.",
    },
    "header": {"type": "string", "description": "Name of a response header, instead of `path`."},
    "answers": {
        "type": "array",
        "items": {"enum": ["plain", "stream", "error"]},
        "minItems": 1,
        "uniqueItems": True,
        "description": "Sample answers of the pack to check. Default: [plain, stream].",
    },
}
TRIGGER: dict[str, Json] = {
    "trigger": {
        "$ref": "#/$defs/change",
        "description": "Change of the request that could make the field appear; it may be refused.",
    }
}


def expand(case: Case, rule: str, schema: Json, optional: str = "") -> Expansion:
    """Return one schema for a path or header, on the sample answers and on the trigger's answer."""
    key, check = ("header", "headers") if "header" in case.spec else ("path", "body")
    args = {case.spec[key] + optional: schema}
    on_samples = Assertion(rule, check, args, tags=("panel",), pointer=f"/{key}")
    probes = [
        Probe("panel", group, panel=group, shared=True)
        for group in case.spec.get("answers", DEFAULT_ANSWERS)
    ]
    assertions = [on_samples]
    if "trigger" in case.spec:
        steps = merge_over(steps_of(case.spec), case.spec["trigger"])
        probes.append(Probe("trigger", "provoked", steps))
        status = Assertion("status", "status", "ok-or-refused", tags=("trigger",), stage="status")
        assertions += [status, if_answered(replace(on_samples, tags=("trigger",)))]
    return build_expansion(case, probes, assertions, ("panel", "trigger"))


ALWAYS_EMPTY = Behaviour(
    id="always_empty",
    promise="absent, null or empty in every answer",
    ceiling="effect",
    keys=PLACE | TRIGGER,
    required=(),
    expand=lambda case: expand(case, "always_empty", EMPTY, "?"),
    needs="an upstream would show it stays empty even where the provider sends it",
    example="""\
- id: logprobs
  row: choices.logprobs
  behaviour: always_empty
  path: $.choices[*].logprobs
  trigger: {body: {logprobs: true}}
""",
)
ALWAYS = Behaviour(
    id="always",
    promise="the same in every answer",
    ceiling="effect",
    keys=PLACE | {"value": {"description": "The value that every answer has."}},
    required=("value",),
    expand=lambda case: expand(case, "always", {"const": case.spec["value"]}),
    example="""\
- id: object
  row: object
  behaviour: always
  path: $.object
  value: chat.completion
  answers: [plain]
""",
)
PRESENT = Behaviour(
    id="present",
    promise="there and well formed in every answer",
    ceiling="shape",
    keys=PLACE
    | TRIGGER
    | {
        "schema": {
            "type": ["object", "boolean"],
            "description": "JSON Schema of the value. Default: any value.",
        }
    },
    required=(),
    expand=lambda case: expand(case, "present", case.spec.get("schema", True)),
    needs="an upstream would show that it is copied from the provider's",
    example="""\
- id: request-id
  row: header.request-id
  behaviour: present
  header: request-id
  schema: {minLength: 1}
  answers: [plain, stream, error]
""",
)
