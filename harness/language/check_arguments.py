"""The arguments of each check in a case file: JSON Schema, description and example."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from harness.language.checks.agree import SLACK
from harness.language.checks.failure import DESCRIPTIONS
from harness.model import Json

PATH: Final[Json] = {"type": "string", "pattern": r"^\$", "description": "JSONPath in the answer."}
PATHS: Final[Json] = {"type": "array", "items": PATH, "minItems": 1}
PLACE: Final[Json] = {
    "type": "string",
    "pattern": r"^(\$|header )",
    "description": "JSONPath in the answer, or `header NAME`.",
}
EXPECTED: Final[Json] = {
    "description": "A value that is expected exactly (string, number, null or list), or a JSON "
    "Schema: an object, `true` for any value, `false` for nothing."
}
REF_EXPECTED: Final[Json] = {"$ref": "#/$defs/expected"}
BY_PATH: Final[Json] = {
    "type": "object",
    "minProperties": 1,
    "propertyNames": {"pattern": r"^\$"},
    "additionalProperties": REF_EXPECTED,
}
BY_NAME: Final[Json] = {
    "type": "object",
    "minProperties": 1,
    "additionalProperties": REF_EXPECTED,
}
CODE: Final[Json] = {"type": "integer", "minimum": 100, "maximum": 599}
STATUS: Final[Json] = {
    "anyOf": [
        {"enum": ["ok", "refused", "ok-or-refused"]},
        CODE,
        {"type": "array", "items": CODE, "minItems": 1},
    ],
}
COMPARED: Final[Json] = {
    "type": "object",
    "required": ["control", "paths"],
    "additionalProperties": False,
    "properties": {
        "control": {"$ref": "#/$defs/change", "description": "Change that makes the control."},
        "paths": {**PATHS, "description": "JSONPaths of the values to compare."},
    },
}
PROVIDER: Final[Json] = {
    "type": "object",
    "minProperties": 1,
    "additionalProperties": False,
    "properties": {
        "body": {**BY_PATH, "description": "{JSONPath: expected value} of the forwarded body."},
        "headers": {**BY_NAME, "description": "{name: expected value} of the forwarded headers."},
        "single": {
            "type": "array",
            "items": {"type": "string"},
            "minItems": 1,
            "description": "Headers that arrive once, with one value.",
        },
    },
}
FORWARDED: Final[Json] = {
    "type": "object",
    "minProperties": 1,
    "additionalProperties": False,
    "properties": {
        **{
            protocol: {**PROVIDER, "description": f"Request to a provider that has {protocol}."}
            for protocol in ("anthropic", "openai")
        },
        "count": {**REF_EXPECTED, "description": "Expected number of requests."},
    },
}
AGREE: Final[Json] = {
    "type": "array",
    "minItems": 1,
    "items": {
        "type": "object",
        "required": ["paths"],
        "additionalProperties": False,
        "properties": {
            "paths": {
                "type": "object",
                "additionalProperties": PATH,
                "minProperties": 2,
                "maxProperties": 2,
                "description": "{step: JSONPath} of the two values.",
            },
            "pairs": {
                "type": "array",
                "items": {"type": "array", "minItems": 2, "maxItems": 2},
                "minItems": 1,
                "description": "Values with the same meaning, in the order of the steps.",
            },
            "within": {
                "type": "number",
                "exclusiveMinimum": 0,
                "description": f"Numbers agree within this fraction, and always within {SLACK}.",
            },
        },
    },
}


@dataclass(frozen=True, slots=True)
class CheckKey:
    """A check as a case file has it. `example` is what stands below `expect`, as YAML."""

    description: str
    schema: Json
    example: str


CHECK_KEYS: Final[Mapping[str, CheckKey]] = {
    "status": CheckKey(
        "HTTP status: `ok` (2xx), `refused` (4xx), `ok-or-refused`, a code or a list of codes.",
        STATUS,
        "status: [400, 422]",
    ),
    "headers": CheckKey(
        "{name: expected value} of response headers. A name that ends in `?` may be absent.",
        BY_NAME,
        'headers: {content-type: {pattern: "^application/json"}, "x-served-by?": {minLength: 1}}',
    ),
    "schema": CheckKey(
        "Name of a JSON Schema in `schemas/` that the whole body matches.",
        {"type": "string", "pattern": "^[a-z]+/[a-z_-]+$"},
        "schema: openai/error",
    ),
    "body": CheckKey(
        "{JSONPath: expected value} of the body; of a stream, of the assembled answer. A path that "
        "ends in `?` may be absent.",
        BY_PATH,
        'body: {$.object: chat.completion, "$.usage?": {type: object}, $.error: false}',
    ),
    "events": CheckKey(
        "{JSONPath: expected value} of the list of stream events. Plain answers are not checked.",
        BY_PATH,
        'events: {"$[0].choices[0].delta.role": assistant}',
    ),
    "sum": CheckKey(
        "{JSONPath: [JSONPaths]}: the first number is the sum of the others.",
        {
            "type": "object",
            "propertyNames": {"pattern": r"^\$"},
            "additionalProperties": PATHS,
            "minProperties": 1,
        },
        "sum: {$.usage.total_tokens: [$.usage.prompt_tokens, $.usage.completion_tokens]}",
    ),
    "unique": CheckKey(
        "Places whose values differ in all answers of the case.",
        {"type": "array", "items": PLACE, "minItems": 1},
        "unique: [$.id, header request-id]",
    ),
    "same": CheckKey(
        "Places with the same value in all answers of the case. The places of a list in the list "
        "have the same value within each answer.",
        {
            "type": "array",
            "items": {"anyOf": [PLACE, {"type": "array", "items": PLACE, "minItems": 2}]},
            "minItems": 1,
        },
        "same: [$.model, [header request-id, $.request_id]]",
    ),
    "steps_agree": CheckKey(
        "Values of two steps that have the same meaning.",
        AGREE,
        "steps_agree:\n"
        "  - paths: {first: $.model, second: $.message.model}\n"
        "    pairs: [[small, small-1]]",
    ),
    "same_as": CheckKey(
        "The values at these paths are the same as in the control's answers.",
        COMPARED,
        "same_as: {control: {omit: [seed]}, paths: [$.usage.prompt_tokens]}",
    ),
    "more_than": CheckKey(
        "The numbers at these paths are larger than in the control's answers.",
        COMPARED,
        "more_than: {control: {omit: [tools]}, paths: [$.usage.prompt_tokens]}",
    ),
    "error_signalled_by": CheckKey(
        "Ways in which the answer may show that it failed: an error `status`, an error `event` in "
        "the stream, or a connection that is `cut`.",
        {
            "type": "array",
            "items": {"enum": list(DESCRIPTIONS)},
            "minItems": 1,
            "uniqueItems": True,
        },
        "error_signalled_by: [status, event]",
    ),
    "forwarded": CheckKey(
        "What reached the provider behind the gateway. Checked only with `--upstream`.",
        FORWARDED,
        "forwarded:\n"
        "  anthropic: {body: {$.max_tokens: 5}}\n"
        "  openai: {body: {$.max_completion_tokens: 5}, single: [authorization]}",
    ),
}
COMBINATIONS: Final[Mapping[str, CheckKey]] = {
    "any_of": CheckKey(
        "At least one of these groups of checks holds.",
        {"type": "array", "items": {"$ref": "#/$defs/checks"}, "minItems": 2},
        "any_of:\n  - status: refused\n  - body: {$.object: error}",
    ),
    "when": CheckKey(
        "Checks for answers with this `status`; other answers are not checked.",
        {"$ref": "#/$defs/when"},
        "when: {status: 429, headers: {retry-after: {minLength: 1}}}",
    ),
}
