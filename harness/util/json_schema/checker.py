"""A schema, an instance -> (JSON Pointer, complaint). May not fetch anything or crash."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from harness.model import Json
from harness.util import json_pointer
from harness.util.json_schema.fingerprint import Sight
from harness.util.json_schema.messages import broken, words

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError
    from referencing.jsonschema import SchemaRegistry

MOST: Final = 50
REMEMBERED: Final = 10_000


class Checker:
    """A validator built once, and what it found to be right: that is not looked at again."""

    def __init__(self, schema: Json, registry: SchemaRegistry) -> None:
        from jsonschema import Draft202012Validator

        self.validator = Draft202012Validator(schema, registry=registry)
        self.sight = Sight(reached(schema, registry))
        self.right: set[int] = set()

    def errors(self, instance: Json) -> list[tuple[str, str]]:
        look = self.look(instance)
        if look in self.right:
            return []
        found: dict[tuple[str, str], None] = {}
        try:
            for error in self.validator.iter_errors(instance):
                found.update(dict.fromkeys(told(error)))
                if len(found) >= MOST:
                    break
        except RecursionError:
            found["", "it is nested too deep to be checked"] = None
        if not found and look is not None:
            if len(self.right) >= REMEMBERED:
                self.right.clear()
            self.right.add(look)
        return list(found)

    def look(self, instance: Json) -> int | None:
        try:
            return hash(self.sight.of(instance))
        except RecursionError:
            return None


def reached(schema: Json, registry: SchemaRegistry) -> Iterator[Json]:
    """The schema and every document that it, or one of those, refers to."""
    from referencing.exceptions import Unresolvable
    from referencing.jsonschema import DRAFT202012

    base = registry.resolver_with_root(DRAFT202012.create_resource(schema))
    todo, seen = [(schema, base)], set[int]()
    while todo:
        here, resolver = todo.pop()
        if id(here) in seen:
            continue
        seen.add(id(here))
        yield here
        for ref in references(here):
            with suppress(Unresolvable):  # whoever comes to that place is told
                found = resolver.lookup(ref)
                todo.append((found.contents, found.resolver))


def references(value: Json) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        value = list(value.values())
    for item in value if isinstance(value, list) else ():
        yield from references(item)


def told(error: ValidationError) -> Iterator[tuple[str, str]]:
    """Of alternatives, what is wrong with the nearest; otherwise the error itself."""
    from jsonschema.exceptions import best_match

    if error.validator in ("anyOf", "oneOf") and error.context:
        types = [e for e in error.context if e.validator == "type" and not e.relative_path]
        if len(types) < len(error.context):
            near = best_match([error])
            error = near if near is not None else error
    base = json_pointer.join(error.absolute_path)
    for below, text in words(broken(error)):
        yield base + below, text
