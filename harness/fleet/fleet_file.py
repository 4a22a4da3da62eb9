"""Reads a fleet file and multiplies its targets, models and packs into units."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from harness.fleet.option_words import check_options
from harness.fleet.unit_maker import UnitMaker
from harness.fleet.units import Unit
from harness.load import files
from harness.load.files import File
from harness.load.pack_folders import pack_folder
from harness.load.targets import load_target
from harness.model import Json, Target
from harness.util import json_pointer, paths
from harness.util.errors import FileProblems, UsageError
from harness.util.key_shapes import ADVICE, resembles_key, without_values
from harness.util.suggestion import suggestion

MAX_UNITS: Final = 10_000


def read_fleet(path: Path) -> tuple[Unit, ...]:
    """Return the units of a fleet file; units of one host lie between those of others.

    Raises:
        FileProblems: With every mistake in the file.
        UsageError: A target or pack of the file has mistakes.
    """
    file = files.read(path)
    if file.problems or not files.validate(file, "fleet"):
        raise FileProblems([(place, without_values(text)) for place, text in file.problems])
    check_keys(file, "", file.data)
    if file.problems:
        raise FileProblems(file.problems)
    check_options(file, "/options", file.data.get("options", {}))
    by_target = [units_of_target(file, index) for index in range(len(file.data["targets"]))]
    units = [unit for own in by_target for unit in own]
    check_hosts(file, units)
    check_names(file, units)
    if file.problems:
        raise FileProblems(file.problems)
    if len(units) > MAX_UNITS:
        raise UsageError(f"{path}: {len(units):,} units are more than {MAX_UNITS:,}")
    return tuple(mixed(by_target))


def check_keys(file: File, at: str, value: Json) -> None:
    """Add a problem for each text that looks like a key; names of units are shown everywhere."""
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for name, item in items:
        place = f"{at}/{json_pointer.escape(str(name))}"
        if isinstance(item, dict | list):
            check_keys(file, place, item)
        elif isinstance(item, str) and "/header/" not in place and resembles_key(item):
            file.add_problem(place, f"this looks like an API key: {ADVICE}")


def units_of_target(file: File, index: int) -> list[Unit]:
    """Return the units of one entry; its mistakes are added to the file."""
    at, entry = f"/targets/{index}", file.data["targets"][index]
    check_options(file, f"{at}/options", entry.get("options", {}))
    word = existing(file, entry["target"])
    try:
        target = load_target(word)
    except FileProblems:
        raise
    except UsageError as error:
        file.add_problem(f"{at}/target", str(error))
        return []
    names = entry.get("models") or file.data.get("models") or models_in(target)
    if not names:
        file.add_problem(at, "the target has no model: add `models`")
    packs = [existing(file, name) for name in entry.get("packs") or file.data.get("packs") or ()]
    for pack in packs:
        check_pack(file, f"{at}/packs" if "packs" in entry else "/packs", pack)
    options = file.data.get("options", {}) | entry.get("options", {})
    given = bool(entry.get("models") or file.data.get("models"))
    make = UnitMaker(file, word, entry.get("name") or target.name, target, options, given)
    return [make.unit(model, pack) for model in names for pack in packs or target.packs]


def models_in(target: Target) -> Sequence[str]:
    """Return the model that a target file names first."""
    models = [one.model for one in target.endpoints.values() if one.model]
    return models[:1]


def check_pack(file: File, at: str, pack: str) -> None:
    try:
        pack_folder(pack)
    except UsageError as error:
        file.add_problem(at, str(error))


def existing(file: File, word: str) -> str:
    """Return the path of a file or folder that is named relative to the fleet file, or the word."""
    shipped = paths.is_pack_folder(paths.cases_dir() / word)
    path = file.path.parent / word
    is_file = "://" not in word and not shipped and path.exists()
    return os.path.relpath(path) if is_file else word


def check_hosts(file: File, units: Sequence[Unit]) -> None:
    """Add a problem for limits of a host that no target has, or that its units cannot share."""
    known = {host for unit in units for host in unit.hosts}
    known |= {urlsplit(f"//{host}").hostname or "" for host in known}
    for host in file.data.get("hosts", {}):
        if host not in known:
            hint = suggestion(host, known, f"the hosts are {', '.join(sorted(known)) or 'none'}")
            file.add_problem(place_of(host), f"no target has the host `{host}`; {hint}")
    crowded = {
        host: f"{limits.units} units cannot share {limits.concurrency} requests in flight"
        for unit in units
        for host, limits in unit.hosts.items()
        if 0 < limits.concurrency < limits.units
    }
    for host, text in crowded.items():
        file.add_problem(place_of(host), text)


def place_of(host: str) -> str:
    return f"/hosts/{json_pointer.escape(host)}"


def check_names(file: File, units: Sequence[Unit]) -> None:
    """Add a problem for two units with the same folder."""
    for name, count in Counter(unit.id.casefold() for unit in units).items():
        if count > 1:
            text = f"{count} units have the folder {name}: give the targets a `name` of their own"
            file.add_problem("/targets", text)


def mixed(by_target: Sequence[Sequence[Unit]]) -> Iterator[Unit]:
    """Yield the first units of all targets, then the second ones, so that few hosts wait."""
    for turn in range(max(map(len, by_target), default=0)):
        yield from (own[turn] for own in by_target if turn < len(own))
