"""Loads packs: their definitions, rows and cases, with every mistake in all files at once."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Final

from harness.load import files, placeholder_checks
from harness.load.cases import load_cases
from harness.load.files import File, Problems
from harness.load.pack_folders import MAX_PARENTS, pack_folder, parent_folder
from harness.load.requirements import load_requirements
from harness.model import Case, Pack, Place, Row
from harness.util import file_access, paths
from harness.util.errors import FileProblems, UsageError

INHERITED: Final = (
    *("headers", "body", "modes", "other_protocols", "define", "panel", "features", "sources"),
)
# Keys of files that differ from the names of the fields.
FILE_KEYS: Final = {
    "other_protocols": "protocols",
    "panel": "answers",
    "declared": "behaviour",
    "note": "why",
}
ROW_KEYS: Final = tuple(field.name for field in fields(Row))
MAX_FILES: Final = 1000  # YAML files of a pack
RESERVED_IDS: Final = ("panel", "shared")  # prefixes of shots that belong to no single case


def load_packs(names: Iterable[str], behaviours: tuple[str, ...]) -> list[Pack]:
    """Return packs, by name or folder, and those that they extend, parents first.

    Raises:
        UsageError: If one of the packs does not exist.
        FileProblems: With every mistake in all files.
    """
    loader = PackLoader(behaviours)
    for name in names:
        loader.load(pack_folder(name), ())
    if loader.problems:
        raise FileProblems(sorted(set(loader.problems)))
    return list(loader.packs.values())


@dataclass(slots=True)
class PackLoader:
    """The packs that were loaded so far, by id, and the problems in their files."""

    behaviours: tuple[str, ...]
    packs: dict[str, Pack] = field(default_factory=dict)
    problems: Problems = field(default_factory=list)

    def load(self, folder: Path, children: tuple[str, ...]) -> Pack | None:
        """Load a pack and the packs that it extends; `children` are those that extend it."""
        file = files.read(folder / paths.PACK_FILE, folder)
        is_valid = not file.problems and files.validate(file, "pack")
        pack = self._pack(folder, file, children) if is_valid else None
        self.problems += file.problems
        return pack

    def _pack(self, folder: Path, file: File, children: tuple[str, ...]) -> Pack | None:
        name = file.data["id"]
        if name in children:
            chain = " -> ".join((*children, name))
            file.add_problem("/extends", f"`{name}` extends itself: {chain}")
            return None
        if len(children) > MAX_PARENTS:
            file.add_problem("/extends", f"more than {MAX_PARENTS} packs extend one another")
            return None
        if name in RESERVED_IDS:
            file.add_problem("/id", f"the id `{name}` is reserved; choose another one")
        loaded = self.packs.get(name)
        if loaded is None:
            parents = self._parents(folder, file, (*children, name))
            self.packs[name] = self._build(folder, file, parents)
        elif Path(loaded.folder).resolve() != folder.resolve():
            file.add_problem("/id", f"another pack has the id `{name}`: {loaded.folder}")
        return self.packs[name]

    def _parents(self, folder: Path, file: File, children: tuple[str, ...]) -> list[Pack]:
        parents = []
        for index, name in enumerate(file.data.get("extends", ())):
            try:
                parents.append(self.load(parent_folder(folder, name), children))
            except UsageError as error:
                file.add_problem(f"/extends/{index}", str(error))
        return [parent for parent in parents if parent]

    def _build(self, folder: Path, file: File, parents: Sequence[Pack]) -> Pack:
        data, inherited = file.data, merge_inherited(parents, file.data)
        placeholder_checks.check_pack(file, inherited["define"])
        problems_before = len(self.problems)
        rows = load_rows(folder, self.problems)
        row_ids = {row.id for pack in parents for row in pack.rows} | {row.id for row in rows}
        if len(self.problems) > problems_before:
            row_ids = set()  # one broken rows.yaml is reported once, not once for each case
        pack = Pack(
            **{key: data[key] for key in ("id", "version", "title", "protocol")},
            folder=str(folder),
            digest=digest(folder),
            extends=tuple(data.get("extends", ())),
            rows=rows,
            cases=(),
            frozen=load_requirements(folder, data["id"], data["version"], self.problems),
            **inherited,
        )
        return replace(pack, cases=tuple(self._cases(folder, pack, row_ids).values()))

    def _cases(self, folder: Path, pack: Pack, rows: Set[str]) -> dict[str, Case]:
        cases: dict[str, Case] = {}
        files_of_pack = sorted(folder.glob("*.yaml"))
        if len(files_of_pack) > MAX_FILES:
            place = Place(files.display_path(folder / paths.PACK_FILE), 1)
            self.problems.append((place, f"the pack has more than {MAX_FILES:,} files"))
        for path in files_of_pack[:MAX_FILES]:
            if paths.is_case_file_name(path.name):
                file = files.read(path, folder)
                if path.name not in files.display_path(path):
                    file.add_problem("", "the name of the file is not plain text; rename it")
                for case in load_cases(file, pack, rows, self.behaviours):
                    first = cases.setdefault(case.id, case)
                    if first is not case:
                        message = f"duplicate case id `{case.id}`; first used at {first.place}"
                        file.problems.append((case.place, message))
                self.problems += file.problems
        for path in sorted(folder.glob("*.yml")):
            message = "case files have the suffix .yaml; rename this one"
            self.problems.append((Place(files.display_path(path), 1), message))
        return cases


def load_rows(folder: Path, problems: Problems) -> tuple[Row, ...]:
    """Return the rows of a pack's folder; none if it has no rows.yaml. Adds to `problems`."""
    if not os.path.lexists(folder / paths.ROWS_FILE):
        return ()
    file = files.read(folder / paths.ROWS_FILE, folder)
    rows: dict[str, Row] = {}
    if not file.problems and files.validate(file, "rows"):
        for index, item in enumerate(file.data["rows"]):
            source = item.get("source", ())
            sources = (source,) if isinstance(source, str) else tuple(source)
            values = {key: item.get(FILE_KEYS.get(key, key)) for key in ROW_KEYS}
            present = {key: value for key, value in values.items() if value is not None}
            row = Row(**present | {"source": sources})
            if rows.setdefault(row.id, row) is not row:
                file.add_problem(f"/rows/{index}/id", f"duplicate row id `{row.id}`")
    problems += file.problems
    return tuple(rows.values())


def merge_inherited(parents: Sequence[Pack], data: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a pack inherits, merged key by key with its own values."""
    own = {key: data.get(FILE_KEYS.get(key, key), {}) for key in INHERITED}
    sources = [*({key: getattr(pack, key) for key in INHERITED} for pack in parents), own]
    return {
        key: {name: value for source in sources for name, value in source[key].items()}
        for key in INHERITED
    }


def digest(folder: Path) -> str:
    """Return the SHA-256 of the names and contents of a pack's YAML files."""
    sha = hashlib.sha256()
    for path in sorted(filter(Path.is_file, folder.glob("*.yaml"))):
        try:
            content = file_access.read_bytes(path, file_access.MAX_YAML, folder)
        except OSError:
            continue  # reading its cases reports it
        sha.update(os.fsencode(path.name) + f"\0{len(content)}\0".encode() + content)
    return f"sha256:{sha.hexdigest()}"
