"""`harness check`: mistakes in packs, and in target, claims, baseline and fleet files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from harness.cli.printing import say
from harness.util.errors import FileProblems, UsageError
from harness.util.paths import is_pack_folder

if TYPE_CHECKING:
    from harness.load.files import File, Problems
    from harness.model import Pack

KINDS = ("pack", "target", "claims", "baseline", "fleet")


@click.command()
@click.argument("names", nargs=-1, metavar="[PACK|FILE]...")
@click.option("--as", "kind", type=click.Choice(KINDS), help="Kind of the files, if unclear.")
def check(names: tuple[str, ...], kind: str | None) -> int:
    """Find mistakes in packs, and target, claims, baseline and fleet files (default: all packs).

    The kind of a file is recognised by its keys. Rows and cases that a claims or baseline file
    names are looked up in the packs that ship and in those given along with it.
    """
    from harness.run.pack_checks import pack_problems

    packs, files = sort_names(names, kind)
    loaded = load_shipped_or(tuple(packs)) if packs or not files else {}
    problems = [problem for pack in loaded.values() for problem in pack_problems(pack, loaded)]
    problems += check_files(files, loaded)
    if problems:
        raise FileProblems(problems)
    print_result(loaded.values())
    for path, (_, file_kind) in files.items():
        say(f"{path}: {file_kind} file, no mistakes")
    return 0


def sort_names(
    names: Iterable[str], kind: str | None
) -> tuple[list[str], dict[str, tuple[File, str]]]:
    """Return the packs, and the other files with their kinds. Raises UsageError."""
    from harness.load import file_kinds, files

    packs: list[str] = []
    others: dict[str, tuple[File, str]] = {}
    for name in names:
        path = Path(name)
        if not path.is_file() or (kind in (None, "pack") and is_pack_folder(path.parent)):
            packs.append(str(path.parent) if path.is_file() else name)
            continue
        file = files.read(path)
        is_fleet = isinstance(file.data, dict) and "targets" in file.data
        file_kind = kind or ("fleet" if is_fleet else file_kinds.kind_of(file))
        if (isinstance(file.data, dict) and "cases" in file.data) or file_kind == "pack":
            raise UsageError(f"{name} is not in a pack: move it to a folder that has a pack.yaml")
        if file_kind is None and not file.problems:
            raise UsageError(
                f"{name} is not a target, claims, baseline or fleet file; choose with --as"
            )
        others[name] = (file, file_kind or "YAML")
    return packs, others


def check_files(files: Mapping[str, tuple[File, str]], packs: dict[str, Pack]) -> Problems:
    """Return the mistakes in target, claims, baseline and fleet files."""
    from harness.language.behaviours import BY_ID
    from harness.load import file_kinds

    has_names = any(kind in file_kinds.KINDS for _, kind in files.values())
    known = [*load_shipped_or(()).values(), *packs.values()] if has_names else []
    names = file_kinds.KnownNames(known, BY_ID)
    for file, kind in files.values():
        if kind in file_kinds.KINDS:
            file_kinds.check_file(file, kind, names)
        elif kind == "fleet":
            file.problems = fleet_problems(file.path)
    return [problem for file, _ in files.values() for problem in file.problems]


def fleet_problems(path: Path) -> Problems:
    """Return the mistakes in a fleet file and in the target files that it names."""
    from harness.fleet.fleet_file import read_fleet

    try:
        read_fleet(path)
    except FileProblems as error:
        return list(error.problems)
    return []


def print_result(packs: Iterable[Pack]) -> None:
    from harness.load import consistency, requirements
    from harness.report.text import plural

    for pack in packs:
        for place, message in consistency.pack_warnings(pack):
            say(f"{place}: warning: {message}")
        added = len(requirements.cases_added_since(pack)) if pack.frozen else 0
        frozen = f"; {added} not required before the next version" if added else ""
        say(
            f"{pack.id} {pack.version}: {plural(len(pack.cases), 'case')}, "
            f"{plural(len(pack.rows), 'row')}, no mistakes{frozen}"
        )


def load_shipped_or(packs: tuple[str, ...]) -> dict[str, Pack]:
    """Return packs by id, with those that they extend; all that ship if none is named."""
    from harness.language.behaviours import BY_ID
    from harness.load.pack_folders import shipped_packs
    from harness.load.packs import load_packs

    return {pack.id: pack for pack in load_packs(packs or shipped_packs(), tuple(BY_ID))}
