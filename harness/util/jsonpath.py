"""Finds the nodes that a JSONPath (RFC 9535) selects."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from harness.model import Json
from harness.util import json_pointer

if TYPE_CHECKING:
    from jsonpath_rfc9535 import JSONPathEnvironment, JSONPathQuery

# More than the depth of any parsed answer (strict_json.MAX_DEPTH), so `$..x` never fails.
DEEPEST = 500


@dataclass(frozen=True, slots=True)
class Compiled:
    """A parsed path; `find` may be called any number of times."""

    path: str
    _query: JSONPathQuery

    def find(self, data: Json) -> list[tuple[str, Json]]:
        """(JSON Pointer, value) of every node, in document order."""
        return [(json_pointer.join(node.location), node.value) for node in self._query.find(data)]


@lru_cache(maxsize=4096)
def compile(path: str) -> Compiled:  # noqa: A001 - jsonpath.compile, as re.compile
    """Parse a path. Raises ValueError with a message for authors of cases."""
    from jsonpath_rfc9535 import JSONPathError

    try:
        return Compiled(path, _environment().compile(path))
    except (JSONPathError, RecursionError) as error:
        raise ValueError(f"{path}: {error} (RFC 9535)") from error


def find(path: str, data: Json) -> list[tuple[str, Json]]:
    """(JSON Pointer, value) of every node that `path` selects in `data`."""
    return compile(path).find(data)


@lru_cache(maxsize=1)
def _environment() -> JSONPathEnvironment:
    # Imported on first use: the command line must answer --help without it.
    from jsonpath_rfc9535 import JSONPathEnvironment

    class Environment(JSONPathEnvironment):
        max_recursion_depth = DEEPEST

    return Environment()
