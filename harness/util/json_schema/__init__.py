"""JSON Schema validation by the name of a shipped schema or with a schema from a case.

References are resolved among the shipped schemas only; nothing is fetched.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import Final

from harness.model import Json
from harness.util import json_pointer
from harness.util.json_schema.checker import Checker, registry
from harness.util.json_schema.fast import FastValidator
from harness.util.json_schema.files import schemas
from harness.util.json_schema.messages import describe, truncate

NOT_ASSERTED: Final = (
    *("$schema", "$id", "$anchor", "$dynamicAnchor", "$defs", "$comment", "title", "description"),
    *("default", "examples", "deprecated", "readOnly", "writeOnly", "then", "else"),
    *("minContains", "maxContains"),
)
# Those that the validators check, without `$ref` and `$dynamicRef`, whose schemas must exist, and
# without `multipleOf`, on which the validators differ.
ASSERTED: Final = (
    *("additionalProperties", "allOf", "anyOf", "const", "contains", "dependentRequired"),
    *("dependentSchemas", "enum", "exclusiveMaximum", "exclusiveMinimum", "if", "items"),
    *("maxItems", "maxLength", "maxProperties", "maximum", "minItems", "minLength"),
    *("minProperties", "minimum", "not", "oneOf", "pattern", "patternProperties", "prefixItems"),
    *("properties", "propertyNames", "required", "type", "unevaluatedItems"),
    *("unevaluatedProperties", "uniqueItems"),
)


def errors(name: str, instance: Json) -> list[tuple[str, str]]:
    """Validate with a shipped schema: `openai/chunk`, or `NAME#/$defs/PART` for a part of one.

    Returns:
        (JSON Pointer, message) for each error.
    """
    return _by_name(name).errors(instance)


def errors_inline(schema: Json, instance: Json) -> list[tuple[str, str]]:
    """Validate an instance with a schema from a case, which can refer to shipped ones by name."""
    return _inline(json.dumps(schema, sort_keys=True)).errors(instance)


def contents(name: str) -> Json:
    """Return a shipped schema itself."""
    return schemas()[name]


def names() -> tuple[str, ...]:
    """Return the names of all shipped schemas."""
    return tuple(sorted(schemas()))


def check_schema(schema: Json) -> str | None:
    """Return the problem of a schema from a case, or None.

    An unknown keyword is a problem: JSON Schema ignores it, so a typo would accept every value.
    """
    if isinstance(schema, bool):
        return None
    if not isinstance(schema, dict):
        return f"a JSON Schema is an object, true or false, not {truncate(schema)}"
    try:
        json.dumps(schema)
    except RecursionError:
        return "it is nested too deeply"
    if _metaschema().accepts(schema):
        return None
    return _misused_keyword(schema) or next(_ignored_keywords(schema), None)


def _misused_keyword(schema: dict[str, Json]) -> str:
    """Return the first mistake in the values of keywords."""
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import SchemaError

    try:
        Draft202012Validator.check_schema(schema)
    except SchemaError as error:
        at = json_pointer.join(error.absolute_path)
        return f"{f'{at}: ' if at else ''}{describe(error)[0][1]}"
    except RecursionError:
        return "it is nested too deeply"
    return ""


@cache
def _metaschema() -> FastValidator:
    """Return what accepts most right schemas, at any depth, without the slower library."""
    metaschema = {
        "$id": "https://llm-gateway-conformance.invalid/known-keywords",
        "$dynamicAnchor": "meta",
        "$ref": "https://json-schema.org/draft/2020-12/schema",
        "propertyNames": {"enum": [*NOT_ASSERTED, *ASSERTED]},
    }
    return FastValidator(metaschema, formats={"regex": _is_pattern})


def _is_pattern(text: str) -> bool:
    try:
        re.compile(text)
    except re.error:
        return False
    return True


def _ignored_keywords(schema: dict[str, Json]) -> Iterator[str]:
    """Yield keywords that the validator would ignore, and unresolvable references."""
    from jsonschema import Draft202012Validator
    from referencing.exceptions import Unresolvable
    from referencing.jsonschema import DRAFT202012

    keywords = {*NOT_ASSERTED, *Draft202012Validator.VALIDATORS}
    root = DRAFT202012.create_resource(schema)
    resolver = registry().resolver_with_root(root)
    todo = [root]
    while todo:
        resource = todo.pop()
        todo.extend(resource.subresources())
        for key in resource.contents if isinstance(resource.contents, dict) else ():
            if key == "format":
                yield "`format` is not checked; use `pattern`"
            elif key not in keywords:
                yield f"`{key}` is not a JSON Schema keyword (Draft 2020-12)"
            elif key == "$ref":
                try:
                    resolver.lookup(resource.contents[key])
                except Unresolvable:
                    yield f"there is no schema {truncate(resource.contents[key])}"


@cache
def _by_name(name: str) -> Checker:
    head, mark, fragment = name.partition("#")
    if head not in schemas():
        raise KeyError(f"there is no schema {name!r}; there are: {', '.join(names())}")
    # The `$id` is the base for the schema's own references.
    return Checker({"$ref": schemas()[head].get("$id", head) + mark + fragment})


@lru_cache(maxsize=4096)
def _inline(text: str) -> Checker:
    return Checker(json.loads(text))
