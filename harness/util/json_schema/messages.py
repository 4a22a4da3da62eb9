"""Short messages in plain English for the errors of a JSON Schema validator."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any, Final

from harness.model import Json
from harness.util import json_pointer
from harness.util.format_value import json_start
from harness.util.suggestion import suggestion
from harness.util.whole_words import words_of

MAX_LENGTH: Final = 120
MAX_KEYS: Final = 50  # unknown keys that are named
TYPE_NAMES: Final = {
    "object": "an object",
    "array": "a list",
    "string": "a string",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "null": "null",
}
# keyword -> message; None is the schema `false`
MESSAGES: Final = {
    "minimum": "{got} should be at least {expected}",
    "maximum": "{got} should be at most {expected}",
    "exclusiveMinimum": "{got} should be more than {expected}",
    "exclusiveMaximum": "{got} should be less than {expected}",
    "multipleOf": "{got} should be a multiple of {expected}",
    "minLength": "{got} should have at least {expected} characters",
    "maxLength": "{got} should have at most {expected} characters",
    "minItems": "{got} should have at least {expected} items",
    "maxItems": "{got} should have at most {expected} items",
    "minProperties": "{got} should have at least {expected} keys",
    "maxProperties": "{got} should have at most {expected} keys",
    "contains": "{got} should contain an item that matches {expected}",
    "minContains": "{got} should contain at least {expected} items of the required kind",
    "maxContains": "{got} should contain at most {expected} items of the required kind",
    "format": "{got} is not a valid {expected}",
    "items": "has more items than allowed",
    "unevaluatedItems": "has more items than allowed",
    "uniqueItems": "the items of {got} should all differ",
    None: "nothing should be here, but there is {got}",
}
FORBIDDEN: Final = {
    "enum": "not be one of",
    "const": "not be",
    "": "not match",
}
CONTEXT: Final = 15  # characters before the first difference of two texts
MISSING: Final = re.compile("the key (`[^`]*`) is missing")
Error = Any  # a ValidationError or SchemaError of jsonschema
Messages = list[tuple[str, str]]


def describe(error: Error) -> Messages:
    """Return (pointer below the instance, message): one, or one for each key that is wrong."""
    if error.validator in SPECIAL:
        return SPECIAL[error.validator](error)
    message = MESSAGES.get(error.validator, f"{{got}} violates {error.validator}: {{expected}}")
    got, expected = truncate(error.instance), truncate(error.validator_value)
    return [("", message.format(got=got, expected=expected))]


def truncate(value: Json, longest: int = MAX_LENGTH // 2) -> str:
    """Return `value` as JSON, truncated to about `longest` characters. Never raises."""
    try:
        if isinstance(value, str):
            value = value[:longest] + "…" * (len(value) > longest)
        elif isinstance(value, dict | list) and len(value) > longest:
            value = list(value)[:longest]
        text, _ = json_start(value, longest + 3, default=str)
    except (RecursionError, ValueError):
        return f"a {type(value).__name__}"
    return text if len(text) <= longest + 3 else text[: longest - 1] + "…"


def _pattern(error: Error) -> Messages:
    """A pattern of whole words is shown as these."""
    return [("", f"{truncate(error.instance)} should {to_match(error.validator_value)}")]


def to_match(pattern: str) -> str:
    words = " or ".join(map(truncate, words_of(pattern)))
    return f"have the word {words}" if words else f"match the pattern {truncate(pattern)}"


def _type(error: Error) -> Messages:
    types = error.validator_value
    names = [TYPE_NAMES.get(name, name) for name in ([types] if isinstance(types, str) else types)]
    return [("", f"{truncate(error.instance)} should be {' or '.join(names)}")]


def _const(error: Error) -> Messages:
    """Two long texts are shown from where they differ."""
    got, expected = error.instance, error.validator_value
    if isinstance(got, str) and isinstance(expected, str):
        pairs = zip(got, expected, strict=False)
        start = next((i for i, (a, b) in enumerate(pairs) if a != b), 0) - CONTEXT
        if start > CONTEXT:
            got, expected = f"…{got[start:]}", f"…{expected[start:]}"
    return [("", f"{truncate(got)} should be {truncate(expected)}")]


def _not(error: Error) -> Messages:
    schema = error.validator_value
    if isinstance(schema, dict) and "pattern" in schema:
        return [("", f"{truncate(error.instance)} should not {to_match(schema['pattern'])}")]
    name = next((key for key in FORBIDDEN if isinstance(schema, dict) and key in schema), "")
    value = schema[name] if name else schema
    listed = ", ".join(truncate(each, 30) for each in value[:12]) if name == "enum" else ""
    return [
        ("", f"{truncate(error.instance)} should {FORBIDDEN[name]} {listed or truncate(value)}")
    ]


def _enum(error: Error) -> Messages:
    allowed = error.validator_value
    values = ", ".join(truncate(value, 30) for value in allowed[:12]) + ", …" * (len(allowed) > 12)
    hint = _suggestion(error.instance, allowed)
    return [("", f"{truncate(error.instance)} should be one of {values}{hint}")]


def _required(error: Error) -> Messages:
    missing = [key for key in error.validator_value if key not in error.instance]
    return [("", f"the key `{key}` is missing") for key in missing]


def _unknown_keys(error: Error) -> Messages:
    if isinstance(error.validator_value, dict):
        return [("", f"an extra key violates {truncate(error.validator_value)}")]
    properties = error.schema.get("properties", {})
    extra = [key for key in error.instance if key not in properties]
    # The validator's message does not name keys that a pattern or a subschema permits.
    if len(extra) <= MAX_KEYS:
        extra = [key for key in extra if repr(key) in error.message] or extra
    return [
        (json_pointer.join([key]), f"unknown key `{key[:60]}`{_suggestion(key, properties)}")
        for key in extra[:MAX_KEYS]
    ]


def _dependent_required(error: Error) -> Messages:
    return [
        ("", f"`{key}` needs the key `{other}` as well")
        for key, others in error.validator_value.items()
        if key in error.instance
        for other in others
        if other not in error.instance
    ]


def _alternatives(error: Error) -> Messages:
    """No alternative matches, or too many of `oneOf` do. Types and constants are listed."""
    expected: dict[str, None] = {}
    for branch in error.context or ():
        for _, message in describe(branch):
            expected[message.partition(" should be ")[2] or message] = None
    if keys := [key for text in expected for key in MISSING.findall(text)]:
        return [("", f"{truncate(error.instance)} should have the key {' or '.join(keys)}")]
    problem = f"should be {' or '.join(expected)}" if expected else "matches several alternatives"
    return [("", f"{truncate(error.instance)} {problem}")]


def _suggestion(word: Json, candidates: Iterable[Json]) -> str:
    texts = [candidate for candidate in candidates if isinstance(candidate, str)]
    hint = suggestion(word, texts) if isinstance(word, str) else ""
    return f"; {hint}" if hint else ""


SPECIAL: Final[dict[Any, Callable[[Error], Messages]]] = {
    "pattern": _pattern,
    "type": _type,
    "const": _const,
    "not": _not,
    "enum": _enum,
    "required": _required,
    "additionalProperties": _unknown_keys,
    "unevaluatedProperties": _unknown_keys,
    "dependentRequired": _dependent_required,
    "anyOf": _alternatives,
    "oneOf": _alternatives,
}
