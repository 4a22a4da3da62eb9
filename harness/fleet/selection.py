"""The units of a fleet that a command runs, and their list for a CI system."""

from __future__ import annotations

import json
import shlex
from collections.abc import Sequence

from harness.fleet.units import Unit
from harness.model.option_values import parse_shard
from harness.report.text import plural
from harness.util.errors import UsageError
from harness.util.suggestion import suggestion


def choose(units: Sequence[Unit], only: Sequence[str]) -> Sequence[Unit]:
    """Return the units with these ids, or all. Raises UsageError for an unknown id."""
    by_id = {unit.id: unit for unit in units}
    for name in only:
        if name not in by_id:
            raise UsageError(f"no unit `{name}`; {suggestion(name, by_id, '--list lists them')}")
    return [unit for unit in units if not only or unit.id in only]


def part(units: Sequence[Unit], shard: str | None) -> Sequence[Unit]:
    """Return the I-th of N parts. Raises UsageError."""
    if shard is None:
        return units
    try:
        number, of = parse_shard(shard)
    except ValueError as error:
        raise UsageError(str(error)) from error
    return units[number - 1 :: of]


def listing(fleet_file: str, out: str, units: Sequence[Unit], as_json: bool) -> str:
    """Return the units, with the command that runs each."""
    if not as_json:
        return "\n".join([*(unit.id for unit in units), plural(len(units), "unit")])
    data = [
        {
            "unit": unit.id,
            "target": unit.target,
            "model": unit.model,
            "pack": unit.pack,
            "hosts": [*unit.hosts],
            "command": shlex.join(
                ["harness", "fleet", fleet_file, "--out", out, "--unit", unit.id]
            ),
        }
        for unit in units
    ]
    return json.dumps(data, indent=2)
