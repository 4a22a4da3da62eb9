"""Mutants from the rows of a file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache, partial
from pathlib import Path
from typing import Any

import yaml

from harness.testbed.base import Mutant
from harness.testbed.gateway.gateway import Overrides
from harness.testbed.mutation.points import overrides_of

FOLDER = Path(__file__).parent.parent / "mutants"
Json = Any


def mutants_below(*folders: str) -> tuple[Mutant, ...]:
    """Returns the mutants of all files that ship in some folders."""
    files = [file for folder in folders for file in sorted((FOLDER / folder).glob("*.yaml"))]
    return tuple(
        mutant for file in files for mutant in mutants_in(f"{file.parent.name}/{file.stem}")
    )


@cache
def mutants_in(name: str) -> tuple[Mutant, ...]:
    """Returns the mutants of a file that ships, such as `openai/sampling`.

    Tests check the file with the loader of the harness, which reports mistakes by their places.
    """
    text = (FOLDER / f"{name}.yaml").read_text("utf-8")
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return mutants_of(yaml.load(text, Loader=loader))


def mutants_of(data: Mapping[str, Json]) -> tuple[Mutant, ...]:
    """Returns the mutants of the data of a valid file."""
    pack = f"{data['pack']}/" if "pack" in data else ""
    return tuple(
        Mutant(
            row["id"],
            row["description"],
            f"{pack}{row['case']}",
            row["rule"],
            override_of(row, data),
        )
        for _, row in rows_in(data)
    )


def rows_in(data: Mapping[str, Json]) -> Iterator[tuple[str, Mapping[str, Json]]]:
    """Yields the place of each mutant in a valid file, and its row with the change."""
    for index, row in enumerate(data.get("mutants", ())):
        yield f"/mutants/{index}", row
        for number, other in enumerate(row.get("also", ())):
            yield f"/mutants/{index}/also/{number}", {**row, **other}


def override_of(row: Mapping[str, Json], data: Mapping[str, Json]) -> Overrides:
    """Returns the overrides of one change in a file."""
    return overrides_of({"protocol": data.get("protocol"), **row})


def merged(*overrides: Overrides) -> Overrides:
    """Merges overrides; where two change one hook, the later one gets the result of the earlier."""
    whole: dict[str, Any] = {}
    for hook, function in (item for each in overrides for item in each.items()):
        whole[hook] = partial(chain, function, whole[hook]) if hook in whole else function
    return whole


def chain(later: Any, earlier: Any, original: Any, *args: Any) -> Any:
    """Calls an override with an earlier one of the same hook as its original."""
    return later(partial(earlier, original), *args)


def changes_of(data: Mapping[str, Json]) -> Overrides:
    """Returns all overrides of a valid file of changes that teach the gateway a field."""
    return merged(*(override_of(row, data) for row in data["overrides"]))
