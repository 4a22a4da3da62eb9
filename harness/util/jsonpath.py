"""JSONPath (RFC 9535): compiles paths and finds the nodes that they select."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from harness.model import Json
from harness.util import json_pointer

if TYPE_CHECKING:
    from jsonpath_rfc9535 import JSONPathEnvironment, JSONPathQuery

# Higher than the nesting limit of answers (strict_json.DEEPEST), so that `$..x` never gives up.
DEEPEST = 500


@dataclass(frozen=True, slots=True)
class Compiled:
    """A compiled path."""

    path: str
    _query: JSONPathQuery

    def find(self, data: Json) -> list[tuple[str, Json]]:
        """Return (JSON Pointer, value) of every selected node, in document order."""
        return [(json_pointer.join(node.location), node.value) for node in self._query.find(data)]


@lru_cache(maxsize=4096)
def compile(path: str) -> Compiled:  # noqa: A001 - jsonpath.compile, as re.compile
    """Return the compiled path; each path is compiled once.

    Raises:
        ValueError: If it is not a JSONPath; the message is written for the author of a case.
    """
    from jsonpath_rfc9535 import JSONPathError

    try:
        return Compiled(path, _environment().compile(path))
    except (JSONPathError, RecursionError) as error:
        raise ValueError(f"{path}: {error} (RFC 9535)") from error


def find(path: str, data: Json) -> list[tuple[str, Json]]:
    """Return (JSON Pointer, value) of every node that `path` selects in `data`."""
    return compile(path).find(data)


@lru_cache(maxsize=1)
def _environment() -> JSONPathEnvironment:
    # Imported on first use, because `harness --help` must not wait for it.
    from jsonpath_rfc9535 import JSONPathEnvironment

    class Environment(JSONPathEnvironment):
        max_recursion_depth = DEEPEST

    return Environment()
