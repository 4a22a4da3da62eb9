"""Builds the JSON Schema of case files and the reference of the case format.

Run `python -m harness.language.case_schema > schemas/case.schema.json` and
`python -m harness.language.case_schema --markdown > docs/case-format.md` after a change.
"""

from __future__ import annotations

import json
import sys
from typing import Any, Final

from harness.language.behaviours import BEHAVIOURS, Behaviour
from harness.language.behaviours.upstream_reply import UPSTREAM
from harness.language.check_arguments import CHECK_KEYS, COMBINATIONS, EXPECTED, CheckKey
from harness.model.protocol import PROTOCOLS
from harness.model.sdk import SCRIPTS, SDKS

Schema = dict[str, Any]
ID: Final = "https://llm-gateway-conformance.invalid/schemas/case.schema.json"
TEXT: Final[Schema] = {"type": "string", "minLength": 1}
NAME: Final[Schema] = {"type": "string", "pattern": "^[A-Za-z0-9_][A-Za-z0-9_.-]*$"}
NAMES: Final[Schema] = {"type": "array", "items": TEXT, "minItems": 1}
BODY: Final[Schema] = {
    "type": "object",
    "description": "JSON body, merged over the pack's base request by top-level key.",
}
OMIT: Final[Schema] = {**NAMES, "description": "Top-level keys of the body that are not sent."}
HEADER_VALUE: Final[Schema] = {"type": ["string", "null"]}
REQUEST: Final[Schema] = {
    "type": "object",
    "description": "The request. Default: the pack's base request, as a chat request.",
    "minProperties": 1,
    "additionalProperties": False,
    "properties": {
        "method": {
            "enum": ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"],
            "description": "HTTP method. Default: POST.",
        },
        "path": {
            "type": "string",
            "pattern": "^/",
            "description": "Path below the base URL. Default: the protocol's chat path.",
        },
        "headers": {
            "description": "Further headers; null removes one. Pairs allow a repeated name.",
            "anyOf": [
                {"type": "object", "additionalProperties": HEADER_VALUE},
                {
                    "type": "array",
                    "items": {
                        "type": "array",
                        "prefixItems": [{"type": "string"}, HEADER_VALUE],
                        "minItems": 2,
                        "maxItems": 2,
                    },
                },
            ],
        },
        "auth": {
            "enum": ["key", "none", "wrong", "limited", "bearer", "x-api-key", "both"],
            "description": "Credentials: the target's `key`, `none`, a `wrong` key, the key with "
            "a `limited` rate, or the key in a certain header.",
        },
        "body": BODY,
        "raw": {"type": "string", "description": "The body exactly as written, instead of `body`."},
        "omit": OMIT,
    },
}
CHANGE: Final[Schema] = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "body": {"type": "object", "description": "Keys of the body that replace the case's own."},
        "omit": OMIT,
    },
}
CLIENT: Final[Schema] = {
    "type": "object",
    "description": "An official SDK sends the request; `request.body` has its arguments.",
    "required": ["sdk", "script"],
    "additionalProperties": False,
    "properties": {
        "sdk": {"enum": list(SDKS), "description": "The SDK and its version."},
        "script": {"enum": list(SCRIPTS), "description": "The calls to make."},
        "snippet": {**TEXT, "description": "DOCUMENT/HEADING of the code to run, for `snippet`."},
    },
}
CHECKED: Final[Schema] = {"$ref": "#/$defs/checks"}
EXPECTATIONS: Final[Schema] = {
    "expect": {**CHECKED, "description": "Checks that must hold."},
    "should": {**CHECKED, "description": "Checks that should hold; a failure is a warning."},
    "may": {**CHECKED, "description": "Checks whose result is only recorded."},
}
SENT: Final[Schema] = {
    "request": {"$ref": "#/$defs/request"},
    "client": {"$ref": "#/$defs/client"},
    "upstream": {"$ref": "#/$defs/upstream"},
}
STEP: Final[Schema] = {
    "type": "object",
    "required": ["name"],
    "additionalProperties": False,
    "properties": {
        "name": {**NAME, "description": "Name of the step, part of the shot's id."},
        "protocol": {
            "enum": list(PROTOCOLS),
            "description": "Protocol of this request. Default: the pack's.",
        },
        "capture": {
            "type": "object",
            "propertyNames": {"pattern": "^[A-Za-z_][A-Za-z0-9_-]*$"},
            "additionalProperties": {"type": "string", "pattern": r"^\$"},
            "description": "{name: JSONPath in the answer}; later steps use it as $name.",
        },
        **SENT,
        **EXPECTATIONS,
    },
}
CONTROL: Final[Schema] = {
    "type": "object",
    "required": ["expect"],
    "additionalProperties": False,
    "properties": {
        **CHANGE["properties"],
        "expect": {**CHECKED, "description": "Checks that the control must meet."},
    },
}
COMMON: Final[Schema] = {
    "id": {**NAME, "description": "Name of the case, unique in the pack."},
    "row": {
        "description": "Row of the pack's field table. A list also names further rows.",
        "anyOf": [TEXT, NAMES],
    },
    "behaviour": {
        "enum": [behaviour.id for behaviour in BEHAVIOURS],
        "description": "How the field is treated. Default: supported.",
    },
    "why": {**TEXT, "description": "One sentence for the reader of a failed case."},
    "source": {
        **TEXT,
        "description": "Source of the promise: a NAME from pack.yaml § SECTION.",
    },
    "feature": {**NAME, "description": "Feature of the pack that the case needs. Default: core."},
    "modes": {
        "type": "array",
        "items": {"enum": ["plain", "stream"]},
        "minItems": 1,
        "uniqueItems": True,
        "description": "Modes to send it in. Default: both, or plain for a request with a path, "
        "headers, credentials or a raw body of its own.",
    },
    "field": {
        "type": "string",
        "pattern": r"^\$",
        "description": "JSONPath of the field under test in the request. Default: $.ROW.",
    },
    "level": {
        "enum": ["should", "may"],
        "description": "Level of the behaviour's own assertions instead of must.",
    },
    "repeat": {
        "type": "integer",
        "minimum": 2,
        "maximum": 10,
        "description": "How often each request is sent.",
    },
    "steps": {
        "type": "array",
        "items": {"$ref": "#/$defs/step"},
        "minItems": 1,
        "description": "Several requests in a row, instead of `request`.",
    },
    "assume": {
        **CHECKED,
        "description": "Checks that must hold for the case to be decided; else it is inconclusive.",
    },
    "control": {
        "$ref": "#/$defs/control",
        "description": "The same request without the field under test, and what it must show for "
        "the case to be decided.",
    },
    **SENT,
    **EXPECTATIONS,
}


def case_schema() -> Schema:
    """Return the JSON Schema of case files, for editors and for `harness check`."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": ID,
        "title": "A file of cases",
        "type": "object",
        "required": ["cases"],
        "additionalProperties": False,
        "properties": {
            "pack": {**TEXT, "description": "Id of the pack that the file belongs to."},
            "cases": {
                "type": "array",
                "items": {"$ref": "#/$defs/case"},
                "minItems": 1,
                "description": "The cases, in the order in which reports list them.",
            },
        },
        "$defs": definitions(),
    }


def definitions() -> Schema:
    """Return the shared parts. `#/$defs/ID` of a behaviour is the schema of its cases."""
    by_behaviour = [
        {"if": behaviour_is(behaviour.id), "then": {"$ref": f"#/$defs/{behaviour.id}"}}
        for behaviour in BEHAVIOURS
    ]
    return {
        "case": {
            "type": "object",
            "required": ["id", "row"],
            "properties": {"behaviour": {"$ref": "#/$defs/common/properties/behaviour"}},
            "allOf": by_behaviour,
        },
        "common": {"type": "object", "required": ["id", "row"], "properties": COMMON},
        **{behaviour.id: behaviour_schema(behaviour) for behaviour in BEHAVIOURS},
        "step": STEP,
        "request": REQUEST,
        "change": CHANGE,
        "client": CLIENT,
        "upstream": UPSTREAM,
        "control": CONTROL,
        "expected": EXPECTED,
        **check_schemas(),
    }


def behaviour_is(name: str) -> Schema:
    """Return a schema of the cases with this behaviour. A case without one is `supported`."""
    condition: Schema = {"properties": {"behaviour": {"const": name}}}
    return condition if name == "supported" else {**condition, "required": ["behaviour"]}


def behaviour_schema(behaviour: Behaviour) -> Schema:
    required = {"required": list(behaviour.required)} if behaviour.required else {}
    return {
        "type": "object",
        "description": behaviour.promise,
        "$ref": "#/$defs/common",
        **required,
        "properties": dict(behaviour.keys),
        "unevaluatedProperties": False,
    }


def check_schemas() -> Schema:
    """Return the schemas of checks, and of checks under a condition."""
    simple = {name: check_schema(check) for name, check in CHECK_KEYS.items()}
    combined = {name: check_schema(check) for name, check in COMBINATIONS.items()}
    references = {name: {"$ref": f"#/$defs/checks/properties/{name}"} for name in simple}
    return {
        "checks": closed({**simple, **combined}, 1),
        "when": {**closed(references, 2), "required": ["status"]},
    }


def check_schema(check: CheckKey) -> Schema:
    return {**check.schema, "description": check.description}


def closed(properties: Schema, minimum: int) -> Schema:
    """Return a schema of objects with at least `minimum` of these keys and no others."""
    return {
        "type": "object",
        "minProperties": minimum,
        "additionalProperties": False,
        "properties": properties,
    }


if __name__ == "__main__":
    if "--markdown" in sys.argv[1:]:
        from harness.language.case_format import markdown

        print(markdown(), end="")
    else:
        print(json.dumps(case_schema(), indent=1, ensure_ascii=False))
