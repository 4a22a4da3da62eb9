"""Jobs of mutation testing, and what they return."""

from __future__ import annotations

from typing import Final, Literal, NamedTuple

from harness.prove.matrix import Kill

Kills = dict[str, tuple[Kill, ...]]


class OwnFiles(NamedTuple):
    """Files of the author of a pack: of mutants, and of changes that teach the gateway a field."""

    mutants: str = ""
    overrides: str = ""


NO_FILES: Final = OwnFiles()


class Job(NamedTuple):
    """One gateway, or one case.

    Attributes:
        kind: `right`, `variant` and `provider` are right gateways, on which every case passes.
            `mutant` runs the mutant's own case against it, `all-cases` all of them. `case` runs a
            case against one mutant after the other until it kills one.
        name: The id of the gateway; for `case` the full name of the case.
    """

    kind: Literal["right", "variant", "provider", "mutant", "all-cases", "case"]
    name: str
