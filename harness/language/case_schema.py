"""Behaviours and checks -> the JSON Schema of case files. Pure; the committed file is held to it.

`python -m harness.language.case_schema > schemas/case.schema.json` writes it anew.
"""

from __future__ import annotations

import json
from typing import Any

from harness.language.behaviours import BEHAVIOURS, Behaviour
from harness.language.behaviours.upstream_reply import UPSTREAM
from harness.language.checks import CHECKS
from harness.model.protocol import PROTOCOLS
from harness.model.sdk import SCRIPTS, SDKS

ID = "https://llm-gateway-conformance.invalid/schemas/case.schema.json"
TEXT = {"type": "string", "minLength": 1}
NAME = {"type": "string", "pattern": "^[A-Za-z0-9_][A-Za-z0-9_.-]*$"}
NAMES = {"type": "array", "items": TEXT, "minItems": 1}
CHECKED = {"$ref": "#/$defs/checks"}
REQUEST = {"type": "object", "description": "laid over the base request, top-level key by key"}
OMIT = {**NAMES, "description": "top-level keys that are not sent"}
PAIR = {"type": "array", "items": {"type": "string"}, "minItems": 2, "maxItems": 2}
MODES = {
    "type": "array",
    "items": {"enum": ["plain", "stream"]},
    "minItems": 1,
    "uniqueItems": True,
}
HTTP = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "method": {"enum": ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"]},
        "path": {"type": "string", "pattern": "^/"},
        "headers": {"type": "array", "items": PAIR},
        "auth": {"enum": ["key", "none", "wrong", "limited", "bearer", "x-api-key", "both"]},
        "without": {**NAMES, "description": "headers that are not sent"},
    },
}
PROTOCOL = {"enum": list(PROTOCOLS), "description": "of this step; default: the pack's"}
CLIENT = {
    "type": "object",
    "description": "asked through an official SDK; `request` is what the SDK is asked with",
    "required": ["sdk", "script"],
    "additionalProperties": False,
    "properties": {
        "sdk": {"enum": list(SDKS)},
        "script": {"enum": list(SCRIPTS)},
        "snippet": {**TEXT, "description": "DOCUMENT/HEADING of code that a document has"},
        "auth": {"enum": ["key", "wrong", "limited"]},
    },
}
CAPTURE = {
    "type": "object",
    "propertyNames": {"pattern": "^[A-Za-z_][A-Za-z0-9_-]*$"},
    "additionalProperties": {"type": "string", "pattern": r"^\$"},
    "description": "name: JSONPath of the answer; later steps use it as $name",
}
SENT: dict[str, Any] = {
    "request": REQUEST,
    "omit": OMIT,
    "http": HTTP,
    "raw": {"type": "string", "description": "a body sent as it is"},
    "client": CLIENT,
    "upstream": UPSTREAM,
}
DEMANDED = {"expect": CHECKED, "should": CHECKED, "may": CHECKED}
STEP = {
    "type": "object",
    "required": ["name"],
    "additionalProperties": False,
    "properties": {"name": NAME, "protocol": PROTOCOL, "capture": CAPTURE, **SENT, **DEMANDED},
}
COMMON: dict[str, Any] = {
    "id": NAME,
    "row": TEXT,
    "also": {**NAMES, "description": "further rows that this case covers"},
    "behaviour": {"enum": [behaviour.id for behaviour in BEHAVIOURS]},
    "why": {**TEXT, "description": "one sentence for the reader of a red line"},
    "source": TEXT,
    "feature": NAME,
    "modes": MODES,
    "at": {"type": "string", "pattern": "^/", "description": "JSON Pointer: where the value goes"},
    "level": {"enum": ["should", "may"], "description": "lowers the behaviour's own musts"},
    "repeat": {"type": "integer", "minimum": 2, "maximum": 10},
    "steps": {"type": "array", "items": {"$ref": "#/$defs/step"}, "minItems": 1},
    "assume": {"$ref": "#/$defs/assume"},
    **SENT,
    **DEMANDED,
}


def case_schema() -> dict[str, Any]:
    """The whole schema: editors complete from it, and `harness check` judges by it."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": ID,
        "title": "A file of cases",
        "type": "object",
        "required": ["cases"],
        "additionalProperties": False,
        "properties": {
            "pack": TEXT,
            "cases": {"type": "array", "items": {"$ref": "#/$defs/case"}, "minItems": 1},
        },
        "$defs": definitions(),
    }


def definitions() -> dict[str, Any]:
    chosen = [
        {
            "if": {"properties": {"behaviour": {"const": behaviour.id}}, "required": ["behaviour"]},
            "then": {"$ref": f"#/$defs/{behaviour.id}"},
        }
        for behaviour in BEHAVIOURS
    ]
    return {
        "case": {
            "type": "object",
            "required": ["id", "row", "behaviour"],
            "properties": {"behaviour": COMMON["behaviour"]},
            "allOf": chosen,
        },
        **{behaviour.id: one(behaviour) for behaviour in BEHAVIOURS},
        "step": STEP,
        **demands(),
    }


def one(behaviour: Behaviour) -> dict[str, Any]:
    return {
        "type": "object",
        "description": behaviour.promise,
        "required": ["id", "row", "behaviour", *behaviour.required],
        "additionalProperties": False,
        "properties": {**COMMON, **behaviour.keys},
    }


def demands() -> dict[str, Any]:
    """What may be demanded: the checks, and the two that are made of others."""
    arguments = {check.id: check.arguments for check in CHECKS if check.in_cases}
    simple = {name: {"$ref": f"#/$defs/{name}.arguments"} for name in arguments}
    any_of = {"type": "array", "items": CHECKED, "minItems": 2}
    every = {**simple, "any": any_of, "when": {"$ref": "#/$defs/when"}}
    control = {"request": REQUEST, "omit": OMIT, **simple}
    return {
        "checks": closed(every),
        "assume": closed({**every, "control": closed(control)}),
        "when": {**closed(simple, 2), "required": ["status"]},
        **{f"{name}.arguments": schema for name, schema in arguments.items()},
    }


def closed(properties: dict[str, Any], least: int = 1) -> dict[str, Any]:
    return {
        "type": "object",
        "minProperties": least,
        "additionalProperties": False,
        "properties": properties,
    }


if __name__ == "__main__":
    print(json.dumps(case_schema(), indent=2, ensure_ascii=False))
