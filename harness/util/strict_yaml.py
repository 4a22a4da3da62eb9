"""YAML text -> data that knows where each value was written. May not construct anything else.

The YAML of case files is the part on which every reader agrees. What YAML 1.1 and 1.2, or two
people, read differently (`yes`, `012`, `1e3`, a date, an empty value) is a problem here, together
with what to write instead. Keys are always text, so `on:` and `n:` are plain keys.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, Final

import yaml
from yaml import events as ev

from harness.model import Json, Place
from harness.util import json_pointer

DEEPEST: Final = 64
Problems = list[tuple[Place, str]]

_WORDS: Final[dict[str, Json]] = {"true": True, "false": False, "null": None}
_INTEGER: Final = re.compile(r"-?(?:0|[1-9][0-9]*)")
_FLOAT: Final = re.compile(r"-?(?:0|[1-9][0-9]*)\.[0-9]+(?:[eE][-+][0-9]+)?")
_CARRIED: Final = re.compile(r"[-+.~0-9=<]|null|true|false|yes|no|on|off", re.IGNORECASE)
# What one YAML reader takes for something else than text, and what to do about it.
_SURPRISES: Final = (
    (r"|~|null", "write null, or quote it to mean text"),
    (r"true|false", "write it in lower case, or quote it to mean text"),
    (r"yes|no|on|off", "YAML 1.1 reads it as true or false; quote it to mean text"),
    (r"[-+]?0[0-9_]+", "YAML 1.1 reads it as octal; quote it, or drop the leading zeros"),
    (r"[-+]?0[box][0-9a-f_]+", "write the number in decimal, or quote it"),
    (r"[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?", "YAML 1.1 reads it in base 60; quote it"),
    (r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([Tt ].*)?", "YAML 1.1 reads it as a date; quote it"),
    (r"[-+]?[0-9.][0-9_]*\.?[0-9_]*e[-+]?[0-9_]+", "write it out (1000.0), or quote it"),
    (r"[-+]?\.(inf|nan)|\.nan", "JSON has no such number; quote it to mean text"),
    (r"[-+]?([0-9][0-9_]*\.?[0-9_]*|\.[0-9][0-9_]*)", "write it as in JSON (1, 0.5), or quote it"),
    (r"<<|=", "merge keys are not read here; quote it to mean text"),
)
_COMPILED: Final = tuple((re.compile(rule, re.IGNORECASE), say) for rule, say in _SURPRISES)


class _Stop(Exception):
    """Nothing sensible can be read from here on."""


def read(text: str, path: str) -> tuple[Json, dict[str, Place], Problems]:
    """Data, the place of every value by JSON Pointer (of a member: of its key), and problems."""
    builder = _Builder(text.removeprefix("\ufeff"), path)
    try:
        return builder.document(), builder.places, builder.problems
    except _Stop:
        pass
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        builder.say(mark, _syntax(error))
    except (yaml.YAMLError, UnicodeError) as error:
        builder.say(None, f"not readable as YAML: {str(error).splitlines()[0]}")
    return None, builder.places, builder.problems


class _Builder:
    def __init__(self, text: str, path: str) -> None:
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        self.path, self.places, self.problems = path, dict[str, Place](), Problems()
        self.events: Iterator[Any] = iter(yaml.parse(text, Loader=loader))

    def say(self, mark: Any, problem: str) -> None:
        self.problems.append((self.place(mark), problem))

    def place(self, mark: Any) -> Place:
        return Place(self.path, mark.line + 1, mark.column + 1) if mark else Place(self.path, 1)

    def document(self) -> Json:
        next(self.events)
        first = next(self.events)
        if isinstance(first, ev.StreamEndEvent):
            self.say(None, "the file is empty")
            return None
        event = next(self.events)
        self.places[""] = self.place(event.start_mark)
        data = self.value(event, ())
        next(self.events)
        after = next(self.events)
        if not isinstance(after, ev.StreamEndEvent):
            self.say(after.start_mark, "a second document begins here; make it a file of its own")
        return data

    def value(self, event: Any, at: tuple[str | int, ...]) -> Json:
        if isinstance(event, ev.AliasEvent) or event.anchor:
            self.say(event.start_mark, "anchors and aliases are not read here; write it out")
            if isinstance(event, ev.AliasEvent):
                return None
        if event.tag:
            self.say(event.start_mark, f"tags are not read here; remove {event.tag}")
        if isinstance(event, ev.ScalarEvent):
            return self.scalar(event)
        if len(at) >= DEEPEST:
            self.say(event.start_mark, f"nested deeper than {DEEPEST} levels")
            raise _Stop
        if isinstance(event, ev.SequenceStartEvent):
            return self.sequence(at)
        return self.mapping(at)

    def sequence(self, at: tuple[str | int, ...]) -> list[Json]:
        items: list[Json] = []
        while not isinstance(event := next(self.events), ev.SequenceEndEvent):
            here = (*at, len(items))
            self.places[json_pointer.join(here)] = self.place(event.start_mark)
            items.append(self.value(event, here))
        return items

    def mapping(self, at: tuple[str | int, ...]) -> dict[str, Json]:
        table: dict[str, Json] = {}
        while not isinstance(event := next(self.events), ev.MappingEndEvent):
            key = self.key(event)
            here = (*at, key)
            where = json_pointer.join(here)
            if key in table:
                line = self.places[where].line
                self.say(event.start_mark, f"the key {key} is written twice; first in line {line}")
            else:
                self.places[where] = self.place(event.start_mark)
            value = self.value(next(self.events), here)
            table.setdefault(key, value)
        return table

    def key(self, event: Any) -> str:
        if not isinstance(event, ev.ScalarEvent):
            self.say(event.start_mark, "a key must be plain text")
            raise _Stop
        if event.anchor or event.tag:
            self.say(event.start_mark, "a key takes no tag and no anchor; remove it")
        key: str = event.value
        if event.implicit[0] and key in ("", "<<"):
            self.say(event.start_mark, "merge keys and empty keys are not read here; quote it")
        return key

    def scalar(self, event: Any) -> Json:
        if not event.implicit[0]:
            return event.value
        value, problem = _plain(event.value)
        if problem:
            self.say(event.start_mark, problem)
        return value


@lru_cache(maxsize=4096)
def _plain(text: str) -> tuple[Json, str]:
    """An unquoted scalar -> its value, and what is wrong with writing it so."""
    if text in _WORDS:
        return _WORDS[text], ""
    if text and not _CARRIED.match(text):
        return text, ""
    if _INTEGER.fullmatch(text):
        return (int(text), "") if len(text) < 400 else (text, "too long a number; quote it")
    if _FLOAT.fullmatch(text):
        number = float(text)
        return (text, f"{text} is too big a number") if math.isinf(number) else (number, "")
    for rule, say in _COMPILED:
        if rule.fullmatch(text):
            return text, f"{text} is ambiguous: {say}" if text else f"there is no value: {say}"
    return text, ""


def _syntax(error: yaml.MarkedYAMLError) -> str:
    context = f" ({error.context})" if error.context else ""
    return f"not YAML: {error.problem}{context}"
