"""Reads YAML into JSON data with the place of every value, and reports what is ambiguous.

Only the part of YAML on which all readers agree is accepted. Text that YAML 1.1 and YAML 1.2 read
differently (`yes`, `012`, `1e3`, a date, an empty value) or that only some readers parse is a
problem, and the message says what to write instead. Keys are always text.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import yaml
from yaml import events as ev

from harness.model import Json, Place
from harness.util import json_pointer
from harness.util.yaml_scalars import plain_scalar

DEEPEST: Final = 64
MAX_VALUES: Final = 100_000  # the largest file that ships has 2,000
Problems = list[tuple[Place, str]]
LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # without libyaml, only the latter

_BOOLEAN_KEYS: Final = ("yes", "no", "on", "off")


class _Stop(Exception):
    """Reading cannot continue."""


def read(text: str, path: str) -> tuple[Json, dict[str, Place], Problems]:
    """Read the text of a file.

    Returns:
        The data (None if it cannot be read), the place of every value by JSON Pointer (for a
        member of a mapping, the place of its key), and the problems.
    """
    builder = _Builder(text.removeprefix("\ufeff"), path)
    try:
        return builder.document(), builder.places, builder.problems
    except _Stop:
        pass
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        builder.add_problem(mark, _syntax_message(error))
    except (yaml.YAMLError, UnicodeError) as error:
        builder.add_problem(None, f"not readable as YAML: {str(error).splitlines()[0]}")
    return None, builder.places, builder.problems


def read_shipped(path: Path) -> Any:
    """Return the data of a file that is a part of the harness, without places and problems."""
    return yaml.load(path.read_text("utf-8"), Loader=LOADER)


class _Builder:
    def __init__(self, text: str, path: str) -> None:
        self.path, self.places, self.problems = path, dict[str, Place](), Problems()
        self.flow_depth = 0  # how many [...] and {...} are open
        self.events: Iterator[Any] = iter(yaml.parse(text, Loader=LOADER))

    def report(self, event: Any, message: str) -> None:
        self.add_problem(event.start_mark, message)

    def add_problem(self, mark: Any, message: str) -> None:
        self.problems.append((self.place(mark), message))

    def place(self, mark: Any) -> Place:
        return Place(self.path, mark.line + 1, mark.column + 1) if mark else Place(self.path, 1)

    def document(self) -> Json:
        next(self.events)
        first = next(self.events)
        if isinstance(first, ev.StreamEndEvent):
            self.add_problem(None, "the file is empty")
            return None
        event = next(self.events)
        self.places[""] = self.place(event.start_mark)
        data = self.value(event, "", 0)
        next(self.events)
        after = next(self.events)
        if not isinstance(after, ev.StreamEndEvent):
            self.report(after, "a second document begins here; move it to another file")
        return data

    def value(self, event: Any, at: str, depth: int) -> Json:
        if len(self.places) > MAX_VALUES:
            self.report(event, f"the file has more than {MAX_VALUES:,} values")
            raise _Stop
        if isinstance(event, ev.AliasEvent) or event.anchor:
            self.report(event, "anchors and aliases are not supported; write the value out")
            if isinstance(event, ev.AliasEvent):
                return None
        if event.tag:
            self.report(event, f"tags are not supported; remove {event.tag}")
        if isinstance(event, ev.ScalarEvent):
            return self.scalar(event)
        if depth >= DEEPEST:
            self.report(event, f"nested deeper than {DEEPEST} levels")
            raise _Stop
        is_sequence = isinstance(event, ev.SequenceStartEvent)
        self.flow_depth += bool(event.flow_style)
        value = self.sequence(at, depth + 1) if is_sequence else self.mapping(at, depth + 1)
        self.flow_depth -= bool(event.flow_style)
        return value

    def sequence(self, at: str, depth: int) -> list[Json]:
        items: list[Json] = []
        while not isinstance(event := next(self.events), ev.SequenceEndEvent):
            here = f"{at}/{len(items)}"
            self.places[here] = self.place(event.start_mark)
            items.append(self.value(event, here, depth))
        return items

    def mapping(self, at: str, depth: int) -> dict[str, Json]:
        table: dict[str, Json] = {}
        while not isinstance(event := next(self.events), ev.MappingEndEvent):
            key = self.key(event)
            here = f"{at}/{json_pointer.escape(key)}"
            if key in table:
                line = self.places[here].line
                self.report(event, f"duplicate key {key}; first used in line {line}")
            else:
                self.places[here] = self.place(event.start_mark)
            value = self.value(next(self.events), here, depth)
            table.setdefault(key, value)
        return table

    def key(self, event: Any) -> str:
        if not isinstance(event, ev.ScalarEvent):
            self.report(event, "a key must be plain text")
            raise _Stop
        if event.anchor or event.tag:
            self.report(event, "a key must not have a tag or an anchor; remove it")
        key = sys.intern(event.value)  # most keys are those of every case
        if event.implicit[0]:
            if key in ("", "<<"):
                self.report(event, "merge keys and empty keys are not supported")
            if key.lower() in _BOOLEAN_KEYS:
                self.report(event, f"YAML 1.1 reads the key {key} as true or false; quote it")
            self.check_question_mark(event)
        return key

    def check_question_mark(self, event: Any) -> None:
        """Report a `?` that YAML readers without libyaml reject."""
        if self.flow_depth and "?" in event.value:
            message = "not all YAML readers accept a `?` inside [...] or {...}; quote the text"
            self.report(event, message)

    def scalar(self, event: Any) -> Json:
        if not event.implicit[0]:
            return event.value
        self.check_question_mark(event)
        value, problem = plain_scalar(event.value)
        if problem:
            self.report(event, problem)
        return value


def _syntax_message(error: yaml.MarkedYAMLError) -> str:
    context = f" ({error.context})" if error.context else ""
    hint = "; quote a path that has brackets" if "flow mapping" in context else ""
    return f"not YAML: {error.problem}{context}{hint}"
