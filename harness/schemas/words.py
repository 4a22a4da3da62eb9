"""A validator's error -> short plain words for a person. May not decide what is an error."""

from __future__ import annotations

import difflib
import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from harness.model import Json
from harness.plain_json import pointer

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError

LONGEST: Final = 120
KINDS: Final = {
    "object": "an object",
    "array": "a list",
    "string": "a string",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "null": "null",
}
# keyword -> what it asks for; {} is the keyword's value
PLAIN: Final = {
    "const": "should be {}",
    "pattern": "should match the pattern {}",
    "minimum": "should be at least {}",
    "maximum": "should be at most {}",
    "exclusiveMinimum": "should be more than {}",
    "exclusiveMaximum": "should be less than {}",
    "multipleOf": "should be a multiple of {}",
    "minLength": "should have at least {} characters",
    "maxLength": "should have at most {} characters",
    "minItems": "should have at least {} items",
    "maxItems": "should have at most {} items",
    "minProperties": "should have at least {} keys",
    "maxProperties": "should have at most {} keys",
    "contains": "should hold an item after {}",
    "not": "should not be {}",
    "format": "should be a {}",
}
Words = list[tuple[str, str]]


def words(error: ValidationError) -> Words:
    """(pointer below the error's own, complaint) pairs; an error over several keys gives several."""
    keyword = str(error.validator)
    if keyword in SPECIAL:
        return SPECIAL[keyword](error)
    asked = PLAIN.get(keyword)
    if asked is None:
        return [("", f"{cut(error.instance)} breaks {keyword}: {cut(error.validator_value)}")]
    return [("", f"{cut(error.instance)} {asked.format(cut(error.validator_value))}")]


def cut(value: Json, longest: int = LONGEST // 2) -> str:
    """`value` as JSON, not longer than `longest` characters and never a failure."""
    try:
        if isinstance(value, str):
            value = value[:longest] + "…" * (len(value) > longest)
        elif isinstance(value, dict | list) and len(value) > longest:
            value = list(value)[:longest]
        text = json.dumps(value, ensure_ascii=False, default=str)
    except (RecursionError, ValueError):
        text = f"a {type(value).__name__}"
    return text if len(text) <= longest + 2 else text[: longest - 1] + "…"


def _kind(error: ValidationError) -> Words:
    wanted = error.validator_value
    kinds = [KINDS.get(each, each) for each in ([wanted] if isinstance(wanted, str) else wanted)]
    return [("", f"{cut(error.instance)} should be {' or '.join(kinds)}")]


def _one_of(error: ValidationError) -> Words:
    allowed = error.validator_value
    listed = ", ".join(cut(each, 30) for each in allowed[:12]) + ", …" * (len(allowed) > 12)
    return [("", f"{cut(error.instance)} should be one of {listed}{_near(error.instance, allowed)}")]


def _missing(error: ValidationError) -> Words:
    absent = [key for key in error.validator_value if key not in error.instance]
    return [("", f"the key `{key}` is missing") for key in absent]


def _unknown(error: ValidationError) -> Words:
    if isinstance(error.validator_value, dict):
        return [("", f"an extra key breaks {cut(error.validator_value)}")]
    schema: Any = error.schema
    known = schema.get("properties", {})
    extra = [key for key in error.instance if key not in known]
    if error.validator == "unevaluatedProperties":
        extra = [key for key in extra if repr(key) in error.message] or extra
    if schema.get("patternProperties"):
        extra = [key for key in extra if repr(key) in error.message]
    return [(pointer([key]), f"unknown key `{key[:60]}`{_near(key, known)}") for key in extra]


def _items(error: ValidationError) -> Words:
    return [("", "has more items than are allowed here")]


def _forbidden(error: ValidationError) -> Words:
    return [("", f"nothing should be here, but there is {cut(error.instance)}")]


def _twice(error: ValidationError) -> Words:
    return [("", f"the items of {cut(error.instance)} should all differ")]


def _needs(error: ValidationError) -> Words:
    wanted: dict[str, list[str]] = error.validator_value
    return [
        ("", f"`{key}` needs the key `{other}` beside it")
        for key, others in wanted.items()
        if key in error.instance
        for other in others
        if other not in error.instance
    ]


def _alternatives(error: ValidationError) -> Words:
    """No branch fits. Where the branches are kinds or constants, they are named."""
    told: dict[str, None] = {}
    for branch in error.context or ():
        told.update((text.partition(" should be ")[2] or text, None) for _, text in words(branch))
    return [("", f"{cut(error.instance)} should be {' or '.join(told) or 'one alternative only'}")]


def _near(word: Json, known: Any) -> str:
    texts = [each for each in known if isinstance(each, str)]
    near = difflib.get_close_matches(word, texts, 1) if isinstance(word, str) else []
    return f"; did you mean `{near[0]}`?" if near else ""


SPECIAL: Final[dict[str, Callable[[ValidationError], Words]]] = {
    "type": _kind,
    "enum": _one_of,
    "required": _missing,
    "additionalProperties": _unknown,
    "unevaluatedProperties": _unknown,
    "items": _items,
    "unevaluatedItems": _items,
    "None": _forbidden,
    "uniqueItems": _twice,
    "dependentRequired": _needs,
    "anyOf": _alternatives,
    "oneOf": _alternatives,
}
