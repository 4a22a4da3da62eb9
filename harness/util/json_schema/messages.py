"""A validator's error -> short plain words for a person. May not decide what is an error."""

from __future__ import annotations

import difflib
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final

from harness.model import Json
from harness.util import json_pointer

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
    "format": "is no valid {}",
}
Words = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Broken:
    """A keyword of a schema that an instance breaks; `branches`: what is wrong with each choice."""

    keyword: str
    wanted: Any
    got: Any
    schema: Any
    message: str
    branches: tuple[Broken, ...]


def broken(error: Any) -> Broken:
    """From a jsonschema ValidationError or SchemaError."""
    return Broken(
        str(error.validator),
        error.validator_value,
        error.instance,
        error.schema,
        error.message,
        tuple(broken(each) for each in error.context or ()),
    )


def words(fault: Broken) -> Words:
    """(pointer below the instance's own, complaint): one, or one for each key that is at fault."""
    if fault.keyword in SPECIAL:
        return SPECIAL[fault.keyword](fault)
    asked = PLAIN.get(fault.keyword)
    if asked is None:
        return [("", f"{cut(fault.got)} breaks {fault.keyword}: {cut(fault.wanted)}")]
    return [("", f"{cut(fault.got)} {asked.format(cut(fault.wanted))}")]


def cut(value: Json, longest: int = LONGEST // 2) -> str:
    """`value` as JSON, not longer than `longest` characters and never a failure."""
    try:
        if isinstance(value, str):
            value = value[:longest] + "…" * (len(value) > longest)
        elif isinstance(value, dict | list) and len(value) > longest:
            value = list(value)[:longest]
        text = json.dumps(value, ensure_ascii=False, default=str)
    except (RecursionError, ValueError):
        return f"a {type(value).__name__}"
    return text if len(text) <= longest + 3 else text[: longest - 1] + "…"


def _kind(fault: Broken) -> Words:
    wanted = [fault.wanted] if isinstance(fault.wanted, str) else fault.wanted
    kinds = [KINDS.get(each, each) for each in wanted]
    return [("", f"{cut(fault.got)} should be {' or '.join(kinds)}")]


def _one_of(fault: Broken) -> Words:
    allowed: list[Json] = fault.wanted
    listed = ", ".join(cut(each, 30) for each in allowed[:12]) + ", …" * (len(allowed) > 12)
    near = _near(fault.got, allowed)
    return [("", f"{cut(fault.got)} should be one of {listed}{near}")]


def _missing(fault: Broken) -> Words:
    absent = [key for key in fault.wanted if key not in fault.got]
    return [("", f"the key `{key}` is missing") for key in absent]


def _unknown(fault: Broken) -> Words:
    if isinstance(fault.wanted, dict):
        return [("", f"an extra key breaks {cut(fault.wanted)}")]
    known = fault.schema.get("properties", {})
    extra = [key for key in fault.got if key not in known]
    # Keys that a pattern or a subschema takes are not named in the validator's own message.
    extra = [key for key in extra if repr(key) in fault.message] or extra
    return [
        (json_pointer.join([key]), f"unknown key `{key[:60]}`{_near(key, known)}") for key in extra
    ]


def _items(fault: Broken) -> Words:
    return [("", "has more items than are allowed here")]


def _forbidden(fault: Broken) -> Words:
    return [("", f"nothing should be here, but there is {cut(fault.got)}")]


def _twice(fault: Broken) -> Words:
    return [("", f"the items of {cut(fault.got)} should all differ")]


def _needs(fault: Broken) -> Words:
    return [
        ("", f"`{key}` needs the key `{other}` beside it")
        for key, others in fault.wanted.items()
        if key in fault.got
        for other in others
        if other not in fault.got
    ]


def _alternatives(fault: Broken) -> Words:
    """No branch fits, or too many do. Branches that are kinds or constants are named."""
    told: dict[str, None] = {}
    for branch in fault.branches:
        told.update((text.partition(" should be ")[2] or text, None) for _, text in words(branch))
    wanted = f"should be {' or '.join(told)}" if told else "fits more than one alternative"
    return [("", f"{cut(fault.got)} {wanted}")]


def _near(word: Json, known: Iterable[Json]) -> str:
    texts = [each for each in known if isinstance(each, str)]
    near = difflib.get_close_matches(word, texts, 1) if isinstance(word, str) else []
    return f"; did you mean `{near[0]}`?" if near else ""


SPECIAL: Final[dict[str, Callable[[Broken], Words]]] = {
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
