"""The rules of streams, which `rules.yaml` lists, and a log of their violations."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Final

from harness.decode.sse import SIZE_RULE
from harness.model import Json, Level, Violation
from harness.util import strict_yaml
from harness.util.format_value import format_value
from harness.util.strict_json import parse

Validate = Callable[[Json], list[tuple[str, str]]]
FILE: Final = Path(__file__).with_name("rules.yaml")
MAX_PER_ID: Final = 20
MAX_INVALID: Final = 500  # events; further ones are not validated


@dataclass(frozen=True, slots=True)
class StreamRule:
    """A rule of a stream: what the stream must contain, and why."""

    id: str
    level: Level
    expected: str
    why: str


@cache
def _data() -> Json:
    return strict_yaml.read_shipped(FILE)


@cache
def load_rules(protocol: str) -> Mapping[str, StreamRule]:
    """Return the rules of a protocol's streams by their names; several can have one id."""
    rules = {**_data()["shared"], **_data()[protocol]["rules"]}
    return {name: StreamRule(**rule) for name, rule in rules.items()}


@cache
def load_table(protocol: str, name: str) -> Mapping[tuple[str, str], tuple[str, str]]:
    """Return {(state, symbol): (next state, name of the violated rule or "")}."""
    return {
        (state, symbol): (entry, "") if isinstance(entry, str) else (entry[0], entry[1])
        for state, entries in _data()[protocol]["tables"][name].items()
        for symbol, entry in entries.items()
    }


class ViolationLog:
    """Collects the violations of one stream; the first of each kind is kept, with a count."""

    def __init__(self, protocol: str) -> None:
        self._rules = load_rules(protocol)
        self._first: dict[tuple[str, str], Violation] = {}
        self._counts: Counter[tuple[str, str]] = Counter()
        self._kinds: Counter[str] = Counter()
        self._invalid = 0

    def add(self, rule_name: str, at: str, got: str, *values: object) -> None:
        """Add a violation of a rule, with the values of its expectation."""
        rule = self._rules[rule_name]
        self._add(Violation(rule.id, at, rule.expected.format(*values), got, rule.level))

    def add_size(self, at: str, limit: int, name: str) -> None:
        """Add that a stream has more parts of a kind than are read; the others are left out."""
        self._add(Violation(SIZE_RULE, at, f"at most {limit:,} {name}", "more"))

    def add_schema_errors(self, validate: Validate, at: str, data: Json) -> None:
        """Validate the data of an event, unless MAX_INVALID events before it were invalid."""
        errors = validate(data) if self._invalid < MAX_INVALID else []
        self._invalid += bool(errors)
        got = format_value(data) if errors else ""
        for pointer, message in errors:
            place = f"{at} {pointer}".strip()
            self._add(Violation("stream.chunk", place, message, got))

    def check_arguments(self, text: str, at: str) -> None:
        """Check the concatenated arguments of a complete tool call."""
        parsed = parse(text)
        if text.strip() and parsed.problem:
            self.add("arguments-json", at, f"{text[:60]!r}: {parsed.problem}")
        elif not isinstance(parsed.value, dict):
            self.add("arguments-object", at, repr(text[:60]))

    def check_error(self, data: Json, members: tuple[str, ...], at: str) -> None:
        """Check that the data of an error event has an error with these members, as texts."""
        error = data.get("error") if isinstance(data, dict) else None
        values = [error.get(member) if isinstance(error, dict) else None for member in members]
        if not all(isinstance(value, str) and value for value in values):
            self.add("error-shape", at, format_value(data))

    def _add(self, violation: Violation) -> None:
        """Keep a violation. A `must` replaces an earlier `should` of the same kind."""
        key = (violation.rule, violation.expected)
        earlier = self._first.get(key)
        if earlier is None:
            self._kinds[violation.rule] += 1
            if self._kinds[violation.rule] > MAX_PER_ID:
                return
        if earlier is None or (violation.level, earlier.level) == ("must", "should"):
            self._first[key] = violation
        self._counts[key] += 1

    def violations(self) -> list[Violation]:
        return [
            replace(first, got=f"{first.got} (and {count - 1} more)")
            if (count := self._counts[key]) > 1
            else first
            for key, first in self._first.items()
        ]
