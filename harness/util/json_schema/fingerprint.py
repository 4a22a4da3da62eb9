"""Schema -> what it can see of an instance: all that is alike to it conforms alike. Pure.

A validator takes a millisecond for an answer, and answers differ mostly in texts and numbers of
which the schema asks nothing. Seen are keys, types, the order and number of items; of texts those
that the schema names, its patterns and lengths; of numbers the named ones, the bounds and whether
they are whole.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable
from typing import Final

from harness.model import Json

NAMED: Final = ("const", "enum")
LENGTHS: Final = ("minLength", "maxLength")
BOUNDS: Final = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")
BLIND: Final = ("multipleOf", "uniqueItems", "format", "$dynamicRef", "$recursiveRef")


class Sight:
    """What the schemas, one and all that it refers to, can tell apart."""

    def __init__(self, schemas: Iterable[Json]) -> None:
        self.scalars: set[Json] = set()
        self.patterns: set[str] = set()
        self.bounds: set[float] = set()
        self.longest, self.whole = 0, False
        for schema in schemas:
            self.learn(schema, root=True)
        try:
            self.tests = [re.compile(pattern).search for pattern in sorted(self.patterns)]
        except re.error:  # a text that only looks like one, or what the validator will say
            self.tests, self.whole = [], True
        self.steps = sorted(self.bounds)

    def learn(self, schema: Json, root: bool = False) -> None:
        """Also where a key is no keyword but a member's name: to see too much is no mistake."""
        if isinstance(schema, list):
            for item in schema:
                self.learn(item)
        elif isinstance(schema, dict):
            # Below a base of its own a reference may mean something that nobody here has read.
            self.whole = self.whole or (not root and isinstance(schema.get("$id"), str))
            for key, value in schema.items():
                self.keyword(key, value)
                self.learn(value)

    def keyword(self, key: str, value: Json) -> None:
        if key in NAMED:
            self.scalars.update(scalars(value))
        elif key in BLIND and not isinstance(value, dict) and value is not False:
            self.whole = True
        elif key == "pattern" and isinstance(value, str):
            self.patterns.add(value)
        elif key in LENGTHS and isinstance(value, int | float):
            self.longest = max(self.longest, int(value) + 1)
        elif key in BOUNDS and isinstance(value, int | float):
            self.bounds.add(value)

    def of(self, value: Json) -> Hashable:
        """Two values that look alike are both right or both wrong, in the same places."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, dict):
            return ("object", *((name, self.of(item)) for name, item in value.items()))
        if isinstance(value, list):
            return ("array", *map(self.of, value))
        if isinstance(value, int | float) and not isinstance(value, bool):
            return self.number(value)
        return type(value), repr(value)

    def text(self, value: str) -> Hashable:
        if self.whole or value in self.scalars:
            return value
        return "text", min(len(value), self.longest), *(test(value) is None for test in self.tests)

    def number(self, value: Json) -> Hashable:
        integer = isinstance(value, int) or value.is_integer()
        if self.whole or value in self.scalars:
            return "number", integer, value
        sides = ((value > step) - (value < step) for step in self.steps)
        return "number", integer, None, *sides


def scalars(value: Json) -> Iterable[Json]:
    """Every text and number in a value."""
    if isinstance(value, dict):
        yield from value
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from scalars(item)
    elif isinstance(value, str | int | float):
        yield value
