"""Pack folders -> Packs, a parent before its children, every mistake at once. Reads only."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from harness.load import files, placeholder_checks
from harness.load.cases import Known, cases_of
from harness.load.files import File, Problems
from harness.load.requirements import requirements_of
from harness.load.rows import rows_of
from harness.model import Case, Pack, Place
from harness.util import paths
from harness.util.errors import FileProblems, UsageError

INHERITED = (
    "headers",
    "base",
    "modes",
    "other_protocols",
    "define",
    "panel",
    "features",
    "sources",
)
NOT_CASES = ("pack.yaml", "rows.yaml")
TAKEN = ("panel", "shared")  # what belongs to no case alone is named like this


def pack_folder(name: str) -> Path:
    """A pack's folder: a path that has a pack.yaml, or a name in the packs that ship."""
    for folder in (Path(name), paths.cases_dir() / name):
        if (folder / "pack.yaml").is_file():
            return folder
    raise UsageError(
        f"no pack `{name}`; there are {', '.join(shipped())}, or name a folder with a pack.yaml"
    )


def shipped() -> tuple[str, ...]:
    """The names of the packs that ship."""
    return tuple(sorted(path.parent.name for path in paths.cases_dir().glob("*/pack.yaml")))


def load_packs(wanted: Iterable[str], behaviours: tuple[str, ...]) -> list[Pack]:
    """The named packs and those they extend. Raises FileProblems with every mistake in all files.

    `behaviours` are the ids that a case may name.
    """
    loader = Loader(behaviours)
    for name in wanted:
        loader.load(pack_folder(name), ())
    if loader.problems:
        raise FileProblems(sorted(set(loader.problems), key=by_place))
    return list(loader.packs.values())


def by_place(problem: tuple[Place, str]) -> tuple[str, int, int, str]:
    place, text = problem
    return place.path, place.line, place.column, text


@dataclass(slots=True)
class Loader:
    """The packs so far, by id, and what is wrong with them."""

    behaviours: tuple[str, ...]
    packs: dict[str, Pack] = field(default_factory=dict)
    problems: Problems = field(default_factory=list)

    def load(self, folder: Path, within: tuple[str, ...]) -> Pack | None:
        file = files.read(folder / "pack.yaml")
        right = not file.problems and files.check(file, "pack")
        pack = self.pack(folder, file, within) if right else None
        self.problems += file.problems
        return pack

    def pack(self, folder: Path, file: File, within: tuple[str, ...]) -> Pack | None:
        name = file.data["id"]
        if name in within:
            file.wrong("/extends", f"`{name}` extends itself: {' -> '.join((*within, name))}")
            return None
        if name in TAKEN:
            file.wrong("/id", f"no pack may be called `{name}`; choose another id")
        known = self.packs.get(name)
        if known is None:
            parents = [self.parent(folder, file, at, within) for at in extends(file)]
            self.packs[name] = self.build(folder, file, [p for p in parents if p])
        elif Path(known.folder).resolve() != folder.resolve():
            file.wrong("/id", f"another pack is called `{name}`: {known.folder}")
        return self.packs[name]

    def parent(self, folder: Path, file: File, at: int, within: tuple[str, ...]) -> Pack | None:
        """Beside this pack, else among those that ship."""
        name = file.data["extends"][at]
        near = folder.parent / name
        try:
            found = near if (near / "pack.yaml").is_file() else pack_folder(name)
        except UsageError as error:
            file.wrong(f"/extends/{at}", str(error))
            return None
        return self.load(found, (*within, file.data["id"]))

    def build(self, folder: Path, file: File, parents: Sequence[Pack]) -> Pack:
        data, merged = file.data, inherited(parents, file.data)
        placeholder_checks.check_pack(file, merged["define"])
        before = len(self.problems)
        rows = rows_of(folder, self.problems)
        ids = {row.id for pack in parents for row in pack.rows} | {row.id for row in rows}
        if len(self.problems) > before:
            ids = set()  # one broken rows.yaml is one mistake, not hundreds
        known = Known(
            data["id"],
            ids,
            self.behaviours,
            set(merged["features"]),
            merged["define"],
            {data["protocol"], *merged["other_protocols"]},
        )
        return Pack(
            id=data["id"],
            version=data["version"],
            title=data["title"],
            protocol=data["protocol"],
            folder=str(folder),
            digest=digest(folder),
            extends=tuple(data.get("extends", ())),
            rows=rows,
            cases=tuple(self.cases(folder, known)),
            frozen=requirements_of(folder, data["id"], data["version"], self.problems),
            **merged,
        )

    def cases(self, folder: Path, known: Known) -> list[Case]:
        found: list[Case] = []
        for path in sorted(folder.glob("*.yaml")):
            if path.name not in NOT_CASES:
                file = files.read(path)
                more = cases_of(file, known)
                repeated(file, more, found)
                found += more
                self.problems += file.problems
        for path in sorted(folder.glob("*.yml")):
            text = "cases are read from *.yaml only; rename it"
            self.problems.append((Place(files.shown(path), 1), text))
        return found


def extends(file: File) -> range:
    return range(len(file.data.get("extends", ())))


def inherited(parents: Sequence[Pack], data: Mapping[str, Any]) -> dict[str, Any]:
    """What a pack has from its parents, key by key, and what it says itself."""
    sources = [*({k: getattr(p, k) for k in INHERITED} for p in parents), data]
    return {
        key: {name: value for source in sources for name, value in source.get(key, {}).items()}
        for key in INHERITED
    }


def digest(folder: Path) -> str:
    """Of every file that counts, names and all: a result belongs to just these cases."""
    found = hashlib.sha256()
    for path in sorted(filter(Path.is_file, folder.glob("*.yaml"))):
        content = path.read_bytes()
        found.update(f"{path.name}\0{len(content)}\0".encode() + content)
    return f"sha256:{found.hexdigest()}"


def repeated(file: File, found: Sequence[Case], before: Sequence[Case]) -> None:
    seen = {case.id: case.place for case in before}
    for case in found:
        if case.id in seen:
            file.problems.append((case.place, f"the id `{case.id}` is taken at {seen[case.id]}"))
        seen.setdefault(case.id, case.place)
