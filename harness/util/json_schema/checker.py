"""A JSON Schema validator that is built once and describes what is wrong with an instance."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any, Final

from harness.model import Json
from harness.util import json_pointer, patterns
from harness.util.json_schema import files
from harness.util.json_schema.fast import FastValidator
from harness.util.json_schema.messages import describe

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError
    from referencing.jsonschema import SchemaRegistry

MAX_ERRORS: Final = 50


class Checker:
    """Validates instances against one schema, which can refer to the shipped ones."""

    def __init__(self, schema: Json) -> None:
        self.schema, self.fast = schema, FastValidator(schema)

    def errors(self, instance: Json) -> list[tuple[str, str]]:
        """Return (JSON Pointer, message) for each error, without duplicates, MAX_ERRORS at most."""
        if self.fast.accepts(instance):
            return []
        errors: dict[tuple[str, str], None] = {}
        try:
            for error in self.validator.iter_errors(instance):
                if error.validator == "unevaluatedProperties":
                    error.schema = self.with_referenced_properties(dict(error.schema))
                errors.update(dict.fromkeys(messages(error)))
                if len(errors) >= MAX_ERRORS:
                    break
        except RecursionError:
            errors["", "it is nested too deeply to be validated"] = None
        return list(errors)

    @cached_property
    def validator(self) -> Any:
        return validator_class()(self.schema, registry=registry())

    def with_referenced_properties(self, schema: dict[str, Json]) -> dict[str, Json]:
        """Return a schema with the properties of its `$ref`, to suggest one for an unknown key."""
        from referencing.exceptions import Unresolvable

        base_uri = self.schema.get("$ref", "") if isinstance(self.schema, dict) else ""
        resolver = registry().resolver(base_uri.partition("#")[0])
        properties = dict(schema.get("properties", {}))
        with suppress(Unresolvable):
            if "$ref" in schema:
                target: Json = resolver.lookup(schema["$ref"]).contents
                properties |= target.get("properties", {})
        return {**schema, "properties": properties}


@cache
def validator_class() -> Any:
    """Return the validator of Draft 2020-12, with a time limit for patterns."""
    from jsonschema import Draft202012Validator
    from jsonschema.validators import extend

    return extend(Draft202012Validator, {"pattern": check_pattern})  # type: ignore[no-untyped-call]


@cache
def registry() -> SchemaRegistry:
    """Return the shipped schemas under each of their names."""
    from referencing.jsonschema import DRAFT202012, EMPTY_REGISTRY

    resources = ((name, DRAFT202012.create_resource(each)) for name, each in files.spellings())
    return EMPTY_REGISTRY.with_resources(resources)


def check_pattern(validator: Any, pattern: str, value: Json, schema: Json) -> Iterator[Any]:
    from jsonschema.exceptions import ValidationError

    if isinstance(value, str) and not patterns.search(pattern, value):
        yield ValidationError(f"{value[:60]!r} does not match {pattern!r}")


def messages(error: ValidationError) -> Iterator[tuple[str, str]]:
    """Yield (JSON Pointer, message) of an error; of alternatives the one that fits best."""
    from jsonschema.exceptions import best_match

    if error.validator in ("anyOf", "oneOf") and error.context:
        types = [e for e in error.context if e.validator == "type" and not e.relative_path]
        if len(types) < len(error.context):
            error = best_match([error]) or error
    base = json_pointer.join(error.absolute_path)
    for below, text in describe(error):
        yield base + below, text
