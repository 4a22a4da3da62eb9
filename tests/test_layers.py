"""The house stands: every room on its floor, small, with a sign on its door."""

from __future__ import annotations

import ast
import statistics
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

HOUSE = Path(__file__).resolve().parents[1] / "harness"

FLOORS: dict[float, set[str]] = {
    0: {"model", "errors", "where", "surroundings"},
    0.5: {"plain_json", "protocol"},  # what the tools share lies between the words and the tools
    1: {
        "nouns",
        "marked_yaml",
        "placeholders",
        "jsonpath",
        "sse",
        "assemble",
        "schemas",
        "pace",
        "redact",
    },
    1.5: {"answer"},  # fire reads an answer only to hand its values to the next step
    2: {
        *("load", "fire", "builtin", "transcript", "dsse"),
        *("behaviours", "checks", "servers", "clients"),
    },
    3: {"plan", "language", "coverage"},
    4: {"judge", "baseline", "report"},
    5: {"session"},
    6: {"prove"},
    6.5: {"certify"},  # what the cases are known to catch is part of a certificate
    7: {"cli", "plugin"},
}
FLOOR = {room: floor for floor, rooms in FLOORS.items() for room in rooms}

# The one thing of the outside world that a room may touch.
OUTSIDE: dict[str, set[str]] = {
    "marked_yaml": {"yaml"},
    "jsonpath": {"jsonpath_rfc9535"},
    "schemas": {"jsonschema", "referencing"},
    "dsse": {"cryptography"},
    "fire": {"httpx"},
    "servers": {"h11"},
    "clients": {"h11"},
    "report": {"jinja2", "rich"},
    "cli": {"click", "pytest", "rich"},
    "plugin": {"pytest", "_pytest", "xdist", "rich"},
}
# Rooms that conclude: the same arguments give the same result, on every day and every machine.
PURE = {room for room in FLOOR if FLOOR[room] <= 1.5 or 3 <= FLOOR[room] <= 4}
PURE |= {"behaviours", "checks"}
CHANCE = {"asyncio", "random", "secrets", "socket", "subprocess", "threading", "time", "uuid"}

# The nouns are one list, and a problem has a place.
WORDS = {"errors": {"model"}}


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def room_of(path: Path) -> str:
    return path.relative_to(HOUSE).parts[0].removesuffix(".py")


def imported(path: Path) -> Iterator[tuple[int, str]]:
    """Line and full dotted name of whatever `path` imports, wherever in the file."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path}:{node.lineno}: say where it comes from: harness.ROOM"
            names = [f"{node.module}.{alias.name}" for alias in node.names]
            yield from ((node.lineno, name) for name in names)


def rooms_used(path: Path) -> Iterator[tuple[int, str]]:
    for line, name in imported(path):
        parts = name.split(".")
        if parts[0] == "harness" and len(parts) > 1 and parts[1] != "__version__":
            yield line, parts[1]


MODULES = sorted(path for path in HOUSE.rglob("*.py") if "_data" not in path.parts)
INDOORS = [path for path in MODULES if room_of(path) not in {"__init__", "__main__"}]
named = pytest.mark.parametrize("path", INDOORS, ids=lambda path: str(path.relative_to(HOUSE)))


@named
def test_every_room_has_a_floor(path: Path) -> None:
    assert room_of(path) in FLOOR, f"{path.name}: write it into the house (DESIGN, section 4)"


@named
def test_a_room_imports_lower_floors_only(path: Path) -> None:
    room = room_of(path)
    allowed = {other for other in FLOOR if FLOOR[other] < FLOOR[room]} | WORDS.get(room, set())
    wrong = [
        f"{path}:{line}: {room} (floor {FLOOR[room]}) imports {other} (floor {FLOOR.get(other)})"
        for line, other in rooms_used(path)
        if other not in allowed | {room}
    ]
    assert wrong == []


@pytest.mark.parametrize("path", [p for p in INDOORS if room_of(p) == "servers"], ids=str)
def test_the_accused_is_not_on_the_jury(path: Path) -> None:
    assert [(line, room) for line, room in rooms_used(path) if room != "servers"] == []


@named
def test_a_room_has_one_outside_thing(path: Path) -> None:
    allowed = OUTSIDE.get(room_of(path), set()) | {"harness"} | sys.stdlib_module_names
    tops = {(line, name.split(".")[0]) for line, name in imported(path)}
    assert sorted(f"{path}:{line}: {top}" for line, top in tops if top not in allowed) == []


@pytest.mark.parametrize("path", [p for p in INDOORS if room_of(p) in PURE], ids=str)
def test_what_concludes_knows_no_clock_and_no_luck(path: Path) -> None:
    assert [(n, name) for n, name in imported(path) if name.split(".")[0] in CHANCE] == []


@named
def test_a_module_is_short(path: Path) -> None:
    lines = len(path.read_text(encoding="utf-8").splitlines())

    assert lines < 200, f"{path.name} has {lines} lines: it is two rooms"


def test_most_modules_are_half_as_short() -> None:
    assert statistics.median(len(p.read_text("utf-8").splitlines()) for p in INDOORS) < 100


@named
def test_a_function_is_short(path: Path) -> None:
    long = [
        f"{path}:{node.lineno}: {node.name} has {node.end_lineno - node.lineno + 1} lines"
        for node in ast.walk(tree(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.end_lineno is not None
        and node.end_lineno - node.lineno + 1 >= 30
    ]
    assert long == []


@named
def test_a_sign_hangs_on_the_door(path: Path) -> None:
    sign = (ast.get_docstring(tree(path)) or "").split("\n\n")[0]
    assert sign.rstrip().endswith("."), f"{path.name}: first line: X -> Y. May not Z."
