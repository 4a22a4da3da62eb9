"""A JSON Schema validator that is built once and remembers which instances are valid."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from contextlib import suppress
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from harness.model import Json
from harness.util import json_pointer, patterns
from harness.util.json_schema.fingerprint import Fingerprinter
from harness.util.json_schema.messages import describe

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError
    from referencing.jsonschema import SchemaRegistry

MAX_ERRORS: Final = 50
MAX_REMEMBERED: Final = 4_000


class Checker:
    """Validates instances against one schema.

    The fingerprints of valid instances are kept whole, not as hashes: with a hash collision an
    invalid instance would be accepted.
    """

    def __init__(self, schema: Json, registry: SchemaRegistry) -> None:
        self.validator = validator_class()(schema, registry=registry)
        base_uri = schema.get("$ref", "") if isinstance(schema, dict) else ""
        self.resolver = registry.resolver(base_uri.partition("#")[0])
        self.fingerprinter = Fingerprinter(referenced_schemas(schema, registry))
        self.valid: set[Hashable] = set()

    def errors(self, instance: Json) -> list[tuple[str, str]]:
        """Return (JSON Pointer, message) for each error, without duplicates, MAX_ERRORS at most."""
        fingerprint: Hashable = None
        with suppress(RecursionError):
            fingerprint = self.fingerprinter.fingerprint(instance)
        if fingerprint in self.valid:
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
        if not errors and fingerprint is not None:
            if len(self.valid) >= MAX_REMEMBERED:
                self.valid.clear()
            self.valid.add(fingerprint)
        return list(errors)

    def with_referenced_properties(self, schema: dict[str, Json]) -> dict[str, Json]:
        """Return a schema with the properties of its `$ref`, to suggest one for an unknown key."""
        from referencing.exceptions import Unresolvable

        properties = dict(schema.get("properties", {}))
        with suppress(Unresolvable):
            if "$ref" in schema:
                target: Json = self.resolver.lookup(schema["$ref"]).contents
                properties |= target.get("properties", {})
        return {**schema, "properties": properties}


@cache
def validator_class() -> Any:
    """Return the validator of Draft 2020-12, with a time limit for patterns."""
    from jsonschema import Draft202012Validator
    from jsonschema.validators import extend

    return extend(Draft202012Validator, {"pattern": check_pattern})  # type: ignore[no-untyped-call]


def check_pattern(validator: Any, pattern: str, value: Json, schema: Json) -> Iterator[Any]:
    from jsonschema.exceptions import ValidationError

    if isinstance(value, str) and not patterns.search(pattern, value):
        yield ValidationError(f"{value[:60]!r} does not match {pattern!r}")


def referenced_schemas(schema: Json, registry: SchemaRegistry) -> Iterator[Json]:
    """Yield the schema and every document that it refers to, directly or indirectly."""
    from referencing.exceptions import Unresolvable
    from referencing.jsonschema import DRAFT202012

    base = registry.resolver_with_root(DRAFT202012.create_resource(schema))
    todo, visited = [(schema, base)], set[int]()
    while todo:
        document, resolver = todo.pop()
        if id(document) in visited:
            continue
        visited.add(id(document))
        yield document
        for reference in references(document):
            with suppress(Unresolvable):  # The validator raises it where the reference is used.
                resolved = resolver.lookup(reference)
                todo.append((resolved.contents, resolved.resolver))


def references(value: Json) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        value = list(value.values())
    for item in value if isinstance(value, list) else ():
        yield from references(item)


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
