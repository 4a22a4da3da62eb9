"""Hypothesis strategies that damage a valid document a little: its JSON values, or its bytes."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st

from harness.model import Json

# Values at which readers tend to fail.
ODD: list[Json] = [
    *(None, True, False, 0, -1, 1.5, 10**9, 10**30, 1e300, "", "x", "1", "\ud800", "\0"),
    *("\n::error::x", "\x1b[31m", "##[error]x", "../../etc/passwd", "[1", "9999-12-31T23:59:59Z"),
    *([], {}, [[]], [None], {"": None}, {"a": {"b": []}}, [[["a"]]], "http://[", "%s{0}$x" * 3),
]
Path = tuple[str | int, ...]


def paths(value: Json, at: Path = ()) -> Iterator[Path]:
    """Yield the path of every value."""
    yield at
    items = value.items() if isinstance(value, dict) else ()
    for key, item in enumerate(value) if isinstance(value, list) else items:
        yield from paths(item, (*at, key))


def edited(document: Json, edits: list[tuple[int, str, Json]]) -> Json:
    """Return the document with some values replaced, removed, repeated or renamed."""
    result: Any = copy.deepcopy(document)
    for number, kind, value in edits:
        every: list[Any] = [path for path in paths(result) if path]
        if not every:
            return value
        *above, last = every[number % len(every)]
        here: Any = result
        for key in above:
            here = here[key]
        if kind == "remove":
            del here[last]
        elif kind == "repeat" and isinstance(here, list):
            here.append(copy.deepcopy(here[int(last)]))
        elif kind == "rename" and isinstance(here, dict):
            here[str(value)[:20]] = here.pop(last)
        else:
            here[last] = copy.deepcopy(value)
    return result


def damaged(document: Json) -> st.SearchStrategy[Json]:
    """Documents that differ from a valid one in one to three places."""
    kinds = st.sampled_from(["replace", "replace", "remove", "repeat", "rename"])
    edit = st.tuples(st.integers(0, 100_000), kinds, st.sampled_from(ODD))
    return st.lists(edit, min_size=1, max_size=3).map(lambda edits: edited(document, edits))


def damaged_bytes(data: bytes) -> st.SearchStrategy[bytes]:
    """Data with a piece cut out or replaced."""
    piece = st.sampled_from(
        [b"", b"\xff", b"\0", b"\n", b"{", b"[" * 3000, b"1e999", b"NaN", b"- &a"]
    )
    place = st.integers(0, len(data))

    def cut(start: int, length: int, new: bytes) -> bytes:
        return data[:start] + new + data[start + length :]

    return st.builds(cut, place, st.integers(0, 40), piece)


def to_bytes(value: Json) -> bytes:
    """Return JSON, with half surrogate pairs as escapes."""
    return json.dumps(value).encode()
