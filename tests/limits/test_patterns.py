"""Every regular expression of the harness takes a time that grows with the text and no faster."""

from __future__ import annotations

import ast
import importlib
import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from pathlib import Path
from re import _parser  # type: ignore[attr-defined]
from typing import Any

import pytest

import harness
from tests.support.growth import cpu_seconds

ROOT = Path(harness.__file__).parent
# Characters. Quadratic time is 2 ms and more with the most of them, linear time far less.
LENGTHS, LIMIT = (200, 2_000), 3.0
QUICK = 0.0015  # CPU seconds
CLASSES = {"CATEGORY_DIGIT": "0", "CATEGORY_SPACE": " ", "CATEGORY_WORD": "a"}
ENDS = ("match", "fullmatch")  # methods that begin at one place only


@cache
def sources() -> dict[str, str]:
    """Return the text of each module; drivers run in processes of their own, as scripts."""
    files = (path for path in ROOT.rglob("*.py") if "drivers" not in path.parts)
    names = (
        (".".join(path.relative_to(ROOT.parent).with_suffix("").parts), path) for path in files
    )
    return {name.removesuffix(".__init__"): path.read_text("utf-8") for name, path in names}


def patterns() -> Iterator[tuple[str, str, re.Pattern[Any]]]:
    """Yield module, name and pattern of every constant, and of calls of `re` with a literal."""
    for module, source in sources().items():
        if "re." not in source:
            continue
        values = vars(importlib.import_module(module)).items()
        yield from ((module, name, each) for name, value in values for each in compiled(value))
        for call in (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)):
            if ast.unparse(call.func) in ("re.sub", "re.search", "re.findall", "re.split") and (
                isinstance(call.args[0], ast.Constant)
            ):
                yield module, f"line {call.lineno}", re.compile(call.args[0].value)


def compiled(value: object) -> Iterator[re.Pattern[Any]]:
    if isinstance(value, re.Pattern):
        yield value
    elif isinstance(value, dict | list | tuple):
        for each in value.values() if isinstance(value, dict) else value:
            yield from compiled(each)


def used(module: str, name: str, pattern: re.Pattern[Any]) -> Callable[[Any], object]:
    """Return what the harness does with a constant; the most costly use if there are several."""
    texts = (
        [sources().get(module, "")]
        if f"{name}." in sources().get(module, "")
        else [*sources().values()]
    )
    uses = {use for text in texts for use in re.findall(rf"\b{name}\.(\w+)\(", text)}
    if uses and uses <= {*ENDS}:
        return pattern.fullmatch if uses == {"fullmatch"} else pattern.match
    return lambda text: sum(1 for _ in pattern.finditer(text))


def first(operation: Any, value: Any) -> str:
    """Return a text that a part of a pattern matches."""
    name = str(operation)
    if name == "LITERAL":
        return chr(value)
    if name == "IN":
        return next(letters([(operation, value)]), "~")
    if name.endswith("_REPEAT"):
        return text_of(value[2]) * max(1, min(int(value[0]), 30))
    if name in ("SUBPATTERN", "ATOMIC_GROUP"):
        return text_of(value[3] if name == "SUBPATTERN" else value)
    if name == "BRANCH":
        return text_of(value[1][0])
    return text_of(value[1]) if name == "ASSERT" and value[0] < 0 else "a" * (name == "ANY")


def text_of(parts: Iterable[tuple[Any, Any]]) -> str:
    return "".join(first(*part) for part in parts)


def letters(parts: Iterable[tuple[Any, Any]]) -> Iterator[str]:
    """Yield the characters of a pattern, and one of each range and class."""
    for operation, value in parts:
        name = str(operation)
        if name in ("LITERAL", "NOT_LITERAL"):
            yield chr(value)
        elif name == "RANGE":
            yield chr(value[0])
        elif name == "CATEGORY":
            yield CLASSES.get(str(value), "!")
        else:
            for part in inner(name, value):
                yield from letters(part)


def inner(name: str, value: Any) -> Iterable[Any]:
    if name == "BRANCH":
        return list(value[1])
    places = {"SUBPATTERN": 3, "MAX_REPEAT": 2, "MIN_REPEAT": 2, "POSSESSIVE_REPEAT": 2}
    places |= {"ASSERT": 1, "ASSERT_NOT": 1}
    if name in places:
        return (value[places[name]],)
    return (value,) if name in ("IN", "ATOMIC_GROUP") else ()


def units(pattern: re.Pattern[Any]) -> list[str]:
    """Return what is repeated: the characters of a pattern, and texts that its beginnings match."""
    flags = pattern.flags & ~re.UNICODE if isinstance(pattern.pattern, bytes) else pattern.flags
    parsed = list(_parser.parse(pattern.pattern, flags))
    starts = [text_of(parsed[:end]) for end in range(1, len(parsed) + 1)]
    single = list(dict.fromkeys(letters(parsed)))
    chosen = dict.fromkeys(
        [*single[:12], *starts[-6:], *(starts[-1] + each for each in single[:4])]
    )
    return [unit for unit in chosen if unit and (isinstance(pattern.pattern, str) or unit < "\xff")]


def least(run: Callable[[Any], object], text: Any) -> float:
    return min(cpu_seconds(run, text) for _ in range(3))


def grows_too_fast(module: str, name: str, pattern: re.Pattern[Any]) -> str:
    """Return the unit whose repetition takes a time that grows faster than its length, or ""."""
    run = used(module, name, pattern)

    def text(unit: str, size: int) -> Any:
        made = (unit * (size // len(unit) + 1))[:size] + "\x00"
        return made.encode("latin-1") if isinstance(pattern.pattern, bytes) else made

    for unit in units(pattern):
        for size in LENGTHS:
            if cpu_seconds(run, text(unit, size)) > QUICK:
                one, two = least(run, text(unit, size)), least(run, text(unit, 2 * size))
                if two > LIMIT * one:
                    return unit
    return ""


def test_no_pattern_takes_a_time_that_grows_faster_than_the_text() -> None:
    every = {(p.pattern, p.flags): (module, name, p) for module, name, p in patterns()}
    assert len(every) > 120
    slow = {(module, name): grows_too_fast(module, name, p) for module, name, p in every.values()}
    assert {place: unit for place, unit in slow.items() if unit} == {}


@pytest.mark.parametrize("pattern", [r"\d+x", r"[a-z]*\d*[a-z]*!", rb"\s*(?:data|id):"])
def test_slow_patterns_are_noticed(pattern: Any) -> None:
    assert grows_too_fast("", "of no constant", re.compile(pattern)) != ""
