"""Behaviours and checks -> the JSON Schema of case files. Pure; a test holds the committed file to it."""

from __future__ import annotations

from typing import Any

from harness.behaviours import BEHAVIOURS, Behaviour
from harness.checks import CHECKS
from harness.checks.record import Check

ID = "https://llm-gateway-conformance.invalid/schemas/case.schema.json"
TEXT = {"type": "string", "minLength": 1}
NAME = {"type": "string", "pattern": "^[A-Za-z0-9_][A-Za-z0-9_.-]*$"}
NAMES = {"type": "array", "items": TEXT, "minItems": 1}
CHECKED = {"$ref": "#/$defs/checks"}
REQUEST = {"type": "object", "description": "laid over the base request, top-level key by key"}
OMIT = {**NAMES, "description": "top-level keys that are not sent"}
PAIR = {"type": "array", "items": {"type": "string"}, "minItems": 2, "maxItems": 2}
HTTP = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "method": {"enum": ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"]},
        "path": {"type": "string", "pattern": "^/"},
        "headers": {"type": "array", "items": PAIR},
        "auth": {"enum": ["key", "none", "wrong", "limited"]},
    },
}
CAPTURE = {
    "type": "object",
    "additionalProperties": {"type": "string", "pattern": r"^\$"},
    "description": "name: JSONPath of the answer; later steps use it as $name",
}
SENT: dict[str, Any] = {
    "request": REQUEST,
    "omit": OMIT,
    "http": HTTP,
    "raw": {"type": "string", "description": "a body sent as it is"},
}
DEMANDED = {"expect": CHECKED, "should": CHECKED, "may": CHECKED}
STEP = {
    "type": "object",
    "required": ["name"],
    "additionalProperties": False,
    "properties": {"name": NAME, "capture": CAPTURE, **SENT, **DEMANDED},
}
COMMON: dict[str, Any] = {
    "id": NAME,
    "row": TEXT,
    "also": {**NAMES, "description": "further rows that this case covers"},
    "behaviour": {"enum": [behaviour.id for behaviour in BEHAVIOURS]},
    "why": {**TEXT, "description": "one sentence for the reader of a red line"},
    "source": TEXT,
    "feature": NAME,
    "modes": {"type": "array", "items": {"enum": ["plain", "stream"]}, "minItems": 1, "uniqueItems": True},
    "at": {"type": "string", "pattern": "^/", "description": "JSON Pointer: where the value goes"},
    "level": {"enum": ["should", "may"], "description": "lowers the behaviour's own musts"},
    "repeat": {"type": "integer", "minimum": 2, "maximum": 10},
    "steps": {"type": "array", "items": {"$ref": "#/$defs/step"}, "minItems": 1},
    "assume": {"$ref": "#/$defs/assume"},
    **SENT,
    **DEMANDED,
}  # fmt: skip


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
    anything = {"type": "object", "properties": {"behaviour": COMMON["behaviour"]}, "allOf": chosen}
    written = {check.id: arguments(check) for check in CHECKS if check.written}
    return {
        "case": {**anything, "required": ["id", "row", "behaviour"]},
        **{behaviour.id: one(behaviour) for behaviour in BEHAVIOURS},
        "step": STEP,
        "assume": {
            "type": "object",
            "minProperties": 1,
            "additionalProperties": False,
            "properties": {**combined(written), "control": control(written)},
        },
        "checks": closed(combined(written)),
    }


def one(behaviour: Behaviour) -> dict[str, Any]:
    return {
        "type": "object",
        "description": behaviour.promise,
        "required": ["id", "row", "behaviour", *behaviour.required],
        "additionalProperties": False,
        "properties": {**COMMON, **behaviour.keys},
    }


def arguments(check: Check) -> Any:
    return check.arguments


def combined(written: dict[str, Any]) -> dict[str, Any]:
    """The checks, and the two that are made of others."""
    when = {
        "type": "object",
        "required": ["status"],
        "additionalProperties": False,
        "properties": written,
    }
    return {**written, "any": {"type": "array", "items": CHECKED, "minItems": 2}, "when": when}


def control(written: dict[str, Any]) -> dict[str, Any]:
    return closed({"request": REQUEST, "omit": OMIT, **written})


def closed(properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "minProperties": 1,
        "additionalProperties": False,
        "properties": properties,
    }
