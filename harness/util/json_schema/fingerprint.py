"""Fingerprints of instances: instances with the same fingerprint conform to a schema alike.

Validation takes about a millisecond for an answer, and answers differ mostly in texts and numbers
that the schema does not restrict. A fingerprint contains the keys, types, order and number of
items. Of a text it contains only the result of the schema's patterns, lengths and constants; of a
number only its relation to the schema's bounds and constants, and whether it is an integer.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable
from functools import partial
from typing import Final

from harness.model import Json
from harness.util import patterns

CONSTANTS: Final = ("const", "enum")
LENGTHS: Final = ("minLength", "maxLength")
BOUNDS: Final = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")
# These keywords can depend on any part of a value.
UNPREDICTABLE: Final = ("multipleOf", "uniqueItems", "format", "$dynamicRef", "$recursiveRef")


class Fingerprinter:
    """Computes fingerprints for a schema and all schemas that it refers to."""

    def __init__(self, schemas: Iterable[Json]) -> None:
        self.constants: set[Json] = set()
        self.patterns: set[str] = set()
        self.bounds: set[float] = set()
        self.max_length, self.exact = 0, False  # exact: texts and numbers are kept as they are
        for schema in schemas:
            self.add_schema(schema, root=True)
        try:
            for pattern in self.patterns:
                re.compile(pattern)
            self.searches = [partial(patterns.search, each) for each in sorted(self.patterns)]
        except re.error:  # The validator reports an invalid pattern, or it is a member's name.
            self.searches, self.exact = [], True
        self.sorted_bounds = sorted(self.bounds)

    def add_schema(self, schema: Json, root: bool = False) -> None:
        """Collect the keywords of a schema.

        A member that is only named like a keyword is collected too. That makes a fingerprint finer
        than necessary, which is safe.
        """
        if isinstance(schema, list):
            for item in schema:
                self.add_schema(item)
        elif isinstance(schema, dict):
            # An inner `$id` changes the base of references, which are not followed from there.
            self.exact = self.exact or (not root and isinstance(schema.get("$id"), str))
            for key, value in schema.items():
                self.add_keyword(key, value)
                self.add_schema(value)

    def add_keyword(self, key: str, value: Json) -> None:
        if key in CONSTANTS:
            self.constants.update(scalars(value))
        elif key in UNPREDICTABLE and not isinstance(value, dict) and value is not False:
            self.exact = True
        elif key == "pattern" and isinstance(value, str):
            self.patterns.add(value)
        elif key in LENGTHS and isinstance(value, int | float):
            self.max_length = max(self.max_length, int(value) + 1)
        elif key in BOUNDS and isinstance(value, int | float):
            self.bounds.add(value)

    def fingerprint(self, value: Json) -> Hashable:
        """Return the fingerprint of an instance; RecursionError if it is nested too deeply."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, dict):
            return ("object", *((name, self.fingerprint(item)) for name, item in value.items()))
        if isinstance(value, list):
            return ("array", *map(self.fingerprint, value))
        if isinstance(value, int | float) and not isinstance(value, bool):
            return self.number(value)
        return type(value), repr(value)

    def text(self, value: str) -> Hashable:
        if self.exact or value in self.constants:
            return value
        length = min(len(value), self.max_length)
        return "text", length, *(search(value) for search in self.searches)

    def number(self, value: Json) -> Hashable:
        integer = isinstance(value, int) or value.is_integer()
        if self.exact or value in self.constants:
            return "number", integer, value
        relations = ((value > bound) - (value < bound) for bound in self.sorted_bounds)
        return "number", integer, None, *relations


def scalars(value: Json) -> Iterable[Json]:
    """Yield every text and number in a value."""
    if isinstance(value, dict):
        yield from value
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from scalars(item)
    elif isinstance(value, str | int | float):
        yield value
