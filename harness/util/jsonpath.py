"""JSONPath (RFC 9535): the nodes that a path selects, and paths that name one place."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from harness.model import Json
from harness.util import json_pointer

if TYPE_CHECKING:
    from jsonpath_rfc9535 import JSONPathEnvironment, JSONPathQuery

# More than the depth of any parsed answer (strict_json.MAX_DEPTH), so `$..x` never fails.
DEEPEST: Final = 500
# Each further `..` selects every value once for each way to it.
MAX_DESCENDANTS: Final = 2
MAX_LENGTH: Final = 1000
_SEGMENT: Final = re.compile(r"""\.([^\W\d][\w-]*)|\[(\d+)\]|\['([^']+)'\]|\["([^"]+)"\]""")


@dataclass(frozen=True, slots=True)
class Compiled:
    """A parsed path."""

    path: str
    _query: JSONPathQuery

    def find(self, data: Json) -> list[tuple[str, Json]]:
        """Return (JSON Pointer, value) of every node, in document order."""
        return [(json_pointer.join(node.location), node.value) for node in self._query.find(data)]


@lru_cache(maxsize=4096)
def compile(path: str) -> Compiled:  # noqa: A001 - jsonpath.compile, as re.compile
    """Parse a path. Raises ValueError with a message for the author of a case."""
    from jsonpath_rfc9535 import JSONPathError

    if path.count("..") > MAX_DESCENDANTS or len(path) > MAX_LENGTH:
        raise ValueError(
            f"{path[:60]}: a path has at most {MAX_DESCENDANTS} `..` and {MAX_LENGTH} characters"
        )
    try:
        return Compiled(path, _environment().compile(path))
    except (JSONPathError, RecursionError) as error:
        raise ValueError(f"{path}: {error} (RFC 9535)") from error


def find(path: str, data: Json) -> list[tuple[str, Json]]:
    """Return (JSON Pointer, value) of every node that `path` selects in `data`."""
    return compile(path).find(data)


def to_pointer(path: str) -> str:
    """Return the JSON Pointer of the one place that a path names. Raises ValueError."""
    if not path.startswith("$"):
        raise ValueError("a field is a JSONPath such as $.temperature")
    tokens, position = [], 1
    while position < len(path):
        segment = _SEGMENT.match(path, position)
        if segment is None:
            raise ValueError(
                f"`{path[position:]}` does not name one place; write $.name, $.list[0] or $['name']"
            )
        tokens.append(segment[segment.lastindex or 0])
        position = segment.end()
    return json_pointer.join(tokens)


def from_pointer(pointer: str) -> str:
    """Return the JSONPath of a JSON Pointer. Digits are read as list indexes."""
    path = "$"
    for name in json_pointer.split(pointer):
        if name.isdecimal():
            path += f"[{name}]"
        else:
            path += f".{name}" if re.fullmatch(r"[^\W\d]\w*", name) else f"['{name}']"
    return path


def readable_place(at: str) -> str:
    """Return a place of a finding with a JSONPath instead of the JSON Pointer at its end."""
    before, space, last = at.rpartition(" ")
    if not last.startswith("/"):
        return at
    path = from_pointer(last).replace("['*']", "[*]")
    return f"{before}{space}{path}"


@lru_cache(maxsize=1)
def _environment() -> JSONPathEnvironment:
    # Imported on first use: the command line must answer --help without it.
    from jsonpath_rfc9535 import JSONPathEnvironment

    class Environment(JSONPathEnvironment):
        max_recursion_depth = DEEPEST

    return Environment()
