"""Short messages in plain English for the errors of a JSON Schema validator."""

from __future__ import annotations

import difflib
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final

from harness.model import Json
from harness.util import json_pointer

MAX_LENGTH: Final = 120
MIN_SIMILARITY: Final = 0.75  # a suggestion below it is more likely wrong than right
TYPE_NAMES: Final = {
    "object": "an object",
    "array": "a list",
    "string": "a string",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "null": "null",
}
# keyword -> its requirement; {} is the keyword's value
REQUIREMENTS: Final = {
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
    "contains": "should contain an item that matches {}",
    "not": "should not match {}",
    "format": "is not a valid {}",
}
Messages = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Failure:
    """A keyword of a schema that an instance does not meet.

    Attributes:
        keyword: The schema's keyword; "None" for the schema `false`.
        expected: The keyword's value.
        got: The instance.
        branches: The failures of each alternative.
    """

    keyword: str
    expected: Any
    got: Any
    schema: Any
    message: str
    branches: tuple[Failure, ...]


def failure_of(error: Any) -> Failure:
    """Convert a ValidationError or SchemaError of jsonschema."""
    return Failure(
        str(error.validator),
        error.validator_value,
        error.instance,
        error.schema,
        error.message,
        tuple(failure_of(inner) for inner in error.context or ()),
    )


def describe(failure: Failure) -> Messages:
    """Return (pointer below the instance, message): one, or one for each key that is wrong."""
    if failure.keyword in SPECIAL:
        return SPECIAL[failure.keyword](failure)
    requirement = REQUIREMENTS.get(failure.keyword)
    got, expected = truncate(failure.got), truncate(failure.expected)
    if requirement is None:
        return [("", f"{got} violates {failure.keyword}: {expected}")]
    return [("", f"{got} {requirement.format(expected)}")]


def truncate(value: Json, longest: int = MAX_LENGTH // 2) -> str:
    """Return `value` as JSON, truncated to about `longest` characters. Never raises."""
    try:
        if isinstance(value, str):
            value = value[:longest] + "…" * (len(value) > longest)
        elif isinstance(value, dict | list) and len(value) > longest:
            value = list(value)[:longest]
        text = json.dumps(value, ensure_ascii=False, default=str)
    except (RecursionError, ValueError):
        return f"a {type(value).__name__}"
    return text if len(text) <= longest + 3 else text[: longest - 1] + "…"


def _type(failure: Failure) -> Messages:
    types = [failure.expected] if isinstance(failure.expected, str) else failure.expected
    names = [TYPE_NAMES.get(name, name) for name in types]
    return [("", f"{truncate(failure.got)} should be {' or '.join(names)}")]


def _enum(failure: Failure) -> Messages:
    allowed: list[Json] = failure.expected
    values = ", ".join(truncate(value, 30) for value in allowed[:12]) + ", …" * (len(allowed) > 12)
    hint = _suggestion(failure.got, allowed)
    return [("", f"{truncate(failure.got)} should be one of {values}{hint}")]


def _required(failure: Failure) -> Messages:
    missing = [key for key in failure.expected if key not in failure.got]
    return [("", f"the key `{key}` is missing") for key in missing]


def _unknown_keys(failure: Failure) -> Messages:
    if isinstance(failure.expected, dict):
        return [("", f"an extra key violates {truncate(failure.expected)}")]
    properties = failure.schema.get("properties", {})
    extra = [key for key in failure.got if key not in properties]
    # The validator's message does not name keys that a pattern or a subschema permits.
    extra = [key for key in extra if repr(key) in failure.message] or extra
    return [
        (json_pointer.join([key]), f"unknown key `{key[:60]}`{_suggestion(key, properties)}")
        for key in extra
    ]


def _extra_items(failure: Failure) -> Messages:
    return [("", "has more items than allowed")]


def _forbidden(failure: Failure) -> Messages:
    return [("", f"nothing should be here, but there is {truncate(failure.got)}")]


def _duplicates(failure: Failure) -> Messages:
    return [("", f"the items of {truncate(failure.got)} should all differ")]


def _dependent_required(failure: Failure) -> Messages:
    return [
        ("", f"`{key}` needs the key `{other}` as well")
        for key, others in failure.expected.items()
        if key in failure.got
        for other in others
        if other not in failure.got
    ]


def _alternatives(failure: Failure) -> Messages:
    """No alternative matches, or too many of `oneOf` do. Types and constants are listed."""
    expected: dict[str, None] = {}
    for branch in failure.branches:
        for _, message in describe(branch):
            expected[message.partition(" should be ")[2] or message] = None
    problem = f"should be {' or '.join(expected)}" if expected else "matches several alternatives"
    return [("", f"{truncate(failure.got)} {problem}")]


def _suggestion(word: Json, candidates: Iterable[Json]) -> str:
    texts = [candidate for candidate in candidates if isinstance(candidate, str)]
    near = (
        difflib.get_close_matches(word, texts, 1, MIN_SIMILARITY) if isinstance(word, str) else []
    )
    return f"; did you mean `{near[0]}`?" if near else ""


SPECIAL: Final[dict[str, Callable[[Failure], Messages]]] = {
    "type": _type,
    "enum": _enum,
    "required": _required,
    "additionalProperties": _unknown_keys,
    "unevaluatedProperties": _unknown_keys,
    "items": _extra_items,
    "unevaluatedItems": _extra_items,
    "None": _forbidden,
    "uniqueItems": _duplicates,
    "dependentRequired": _dependent_required,
    "anyOf": _alternatives,
    "oneOf": _alternatives,
}
