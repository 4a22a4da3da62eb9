"""Pack folders -> Packs, a parent before its children, every mistake at once. Reads only."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from harness import where
from harness.errors import FileProblems, UsageError
from harness.load import files
from harness.load.cases import cases_of
from harness.load.files import File, Problems
from harness.model import Case, Pack, Row

INHERITED = ("base", "modes", "define", "panel", "features", "sources")


def pack_folder(name: str) -> Path:
    """A pack's folder: a path that has a pack.yaml, or a name in the packs that ship."""
    for folder in (Path(name), where.cases_dir() / name):
        if (folder / "pack.yaml").is_file():
            return folder
    known = sorted(p.parent.name for p in where.cases_dir().glob("*/pack.yaml"))
    raise UsageError(
        f"no pack `{name}`; there are {', '.join(known)}, or name a folder with a pack.yaml"
    )


def load_packs(names: Iterable[str], known: tuple[str, ...]) -> list[Pack]:
    """The named packs and those they extend. Raises FileProblems with every mistake in all files.

    `known` are the behaviours' ids.
    """
    packs: dict[str, Pack] = {}
    problems: Problems = []
    for name in names:
        load(pack_folder(name), packs, problems, known, ())
    if problems:
        raise FileProblems(sorted(problems, key=lambda p: (p[0].path, p[0].line, p[0].column)))
    return list(packs.values())


def load(
    folder: Path,
    packs: dict[str, Pack],
    problems: Problems,
    known: tuple[str, ...],
    within: tuple[str, ...],
) -> Pack | None:
    file = files.read(folder / "pack.yaml")
    right = not file.problems and files.check(file, "pack")
    problems += file.problems
    if not right:
        return None
    data = file.data
    if data["id"] in packs:
        return packs[data["id"]]
    if data["id"] in within:
        problems.append((file.at("/extends"), f"`{data['id']}` extends itself"))
        return None
    parents = []
    for parent in data.get("extends", ()):
        near = folder.parent / parent
        where_it_is = near if (near / "pack.yaml").is_file() else pack_folder(parent)
        parents.append(load(where_it_is, packs, problems, known, (*within, data["id"])))
    pack = build(folder, data, [p for p in parents if p], problems, known)
    packs[pack.id] = pack
    return pack


def build(
    folder: Path,
    data: Mapping[str, Any],
    parents: list[Pack],
    problems: Problems,
    known: tuple[str, ...],
) -> Pack:
    before = len(problems)
    rows, digest = rows_of(folder, problems), hashlib.sha256((folder / "pack.yaml").read_bytes())
    ids = {row.id: row.declared for parent in parents for row in parent.rows} | {
        r.id: r.declared for r in rows
    }
    ids = (
        ids if len(problems) == before else {}
    )  # one broken rows.yaml is one mistake, not hundreds
    cases: list[Case] = []
    for path in sorted(folder.glob("*.yaml")):
        if path.name == "pack.yaml":
            continue
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
        if path.name == "rows.yaml":
            continue
        file = files.read(path)
        found = cases_of(file, data["id"], ids, known)
        repeated(file, found, cases)
        cases += found
        problems += file.problems
    merged: dict[str, Any] = {key: {} for key in INHERITED}
    for source in [*({k: getattr(p, k) for k in INHERITED} for p in parents), data]:
        for key in INHERITED:
            merged[key] = {**merged[key], **source.get(key, {})}
    return Pack(
        id=data["id"],
        version=data["version"],
        title=data["title"],
        protocol=data["protocol"],
        folder=str(folder),
        digest=f"sha256:{digest.hexdigest()}",
        extends=tuple(data.get("extends", ())),
        rows=rows,
        cases=tuple(cases),
        **merged,
    )


def rows_of(folder: Path, problems: Problems) -> tuple[Row, ...]:
    if not (folder / "rows.yaml").is_file():
        return ()
    file = files.read(folder / "rows.yaml")
    right = not file.problems and files.check(file, "rows")
    seen: set[str] = set()
    for index, item in enumerate(file.data["rows"] if right else ()):
        if item["id"] in seen:
            file.wrong(f"/rows/{index}/id", f"the row `{item['id']}` stands here twice")
        seen.add(item["id"])
    problems += file.problems
    if not right:
        return ()
    return tuple(
        Row(
            id=item["id"],
            path=item["path"],
            location=item["location"],
            declared=item["declared"],
            status=item.get("status", ""),
            source=tuple(
                [item["source"]] if isinstance(item.get("source"), str) else item.get("source", ())
            ),
            note=item.get("note", ""),
            not_testable=item.get("not_testable", ""),
        )
        for item in file.data["rows"]
    )


def repeated(file: File, found: list[Case], before: list[Case]) -> None:
    seen = {case.id: case.place for case in before}
    for case in found:
        if case.id in seen:
            file.problems.append((case.place, f"the id `{case.id}` is taken at {seen[case.id]}"))
        seen[case.id] = case.place
