"""A case file -> Cases, with what is wrong in it. May not read other files."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from typing import Any

from harness import jsonpath, schemas
from harness.load.files import File, check
from harness.model import Case, Json

MAPS_OF_SCHEMAS = ("headers", "body", "events")


def cases_of(file: File, pack: str, rows: Mapping[str, str], known: tuple[str, ...]) -> list[Case]:
    """The cases of a file; the faulty ones are left out and become problems of the file."""
    data = file.data
    if not isinstance(data, dict) or not isinstance(data.get("cases"), list):
        if not file.problems:
            check(file, "case")
        return []
    for key in sorted(set(data) - {"pack", "cases"}):
        file.wrong(f"/{key}", f"unknown key `{key}`; a case file has `pack` and `cases`")
    if data.get("pack", pack) != pack:
        file.wrong("/pack", f"this folder is the pack `{pack}`, not `{data['pack']}`")
    found = []
    for index, spec in enumerate(data["cases"]):
        case = case_of(file, index, spec, pack, rows, known)
        if case is not None:
            found.append(case)
    return found


def case_of(
    file: File, index: int, spec: Json, pack: str, rows: Mapping[str, str], known: tuple[str, ...]
) -> Case | None:
    at, before = f"/cases/{index}", len(file.problems)
    if not isinstance(spec, dict):
        file.wrong(at, "a case is a mapping with id, row and behaviour")
        return None
    behaviour = spec.get("behaviour")
    which = behaviour if behaviour in known else "case"
    if check(file, f"case#/$defs/{which}", at, spec):
        meaning(file, at, spec, rows)
    if len(file.problems) > before:
        return None
    own = {p.removeprefix(at): place for p, place in file.places.items() if p.startswith(f"{at}/")}
    return Case(
        id=spec["id"],
        pack=pack,
        row=spec["row"],
        behaviour=spec["behaviour"],
        feature=spec.get("feature", "core"),
        spec=spec,
        place=file.at(at),
        places=own,
        also=tuple(spec.get("also", ())),
        why=spec.get("why", ""),
    )


def meaning(file: File, at: str, spec: Mapping[str, Any], rows: Mapping[str, str]) -> None:
    """What no schema can say: rows that exist, paths that parse, schemas that are schemas."""
    for where, row in [
        ("/row", spec["row"]),
        *((f"/also/{i}", r) for i, r in enumerate(spec.get("also", ()))),
    ]:
        if rows and row not in rows:
            near = difflib.get_close_matches(row, rows, 1)
            hint = f"did you mean `{near[0]}`?" if near else "add it to rows.yaml"
            file.wrong(at + where, f"no row `{row}` in this pack; {hint}")
    if spec["behaviour"] in ("always_empty", "always", "present") and ("path" in spec) == (
        "header" in spec
    ):
        file.wrong(at, f"`{spec['behaviour']}` needs either `path` or `header`")
    for where, path in paths(spec):
        try:
            jsonpath.compile(path.removesuffix("?"))
        except ValueError as error:
            file.wrong(at + where, f"not a JSONPath: {error}")
    for where, schema in inline_schemas(spec):
        complaint = schemas.check_schema(schema)
        if complaint:
            file.wrong(at + where, f"not a JSON Schema: {complaint}")
    for where, name in named_schemas(spec):
        if not name in schemas.names():
            file.wrong(at + where, f"no schema `{name}` in schemas/")


def walk(value: Json, at: str = "") -> Iterator[tuple[str, str, Json]]:
    """(pointer, key, value) of every member, at any depth."""
    items = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else ()
    )
    for key, inner in items:
        here = f"{at}/{str(key).replace('~', '~0').replace('/', '~1')}"
        yield here, str(key), inner
        yield from walk(inner, here)


def demands(spec: Mapping[str, Any]) -> Iterator[tuple[str, str, Json]]:
    """The members below expect, should, may, assume and when: never those of a request."""
    for key in ("expect", "should", "may", "assume", "when"):
        for at, name, value in walk(spec.get(key), f"/{key}"):
            if "/request" not in at:
                yield at, name, value
    for index, step in enumerate(spec.get("steps", ())):
        for at, name, value in demands(step):
            yield f"/steps/{index}{at}", name, value


def paths(spec: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if "path" in spec:
        yield "/path", spec["path"]
    for index, step in enumerate(spec.get("steps", ())):
        for name, path in step.get("capture", {}).items():
            yield f"/steps/{index}/capture/{name}", path
    for at, name, value in demands(spec):
        if name.startswith("$"):
            yield at, name
        if name in ("unique", "equal", "paths") and isinstance(value, list):
            found = ((f"{at}/{i}", path) for i, path in enumerate(value))
            yield from (pair for pair in found if not pair[1].startswith("header "))


def inline_schemas(spec: Mapping[str, Any]) -> Iterator[tuple[str, Json]]:
    for key in ("schema", "obeyed"):
        if isinstance(spec.get(key), (dict, bool)):
            yield f"/{key}", spec[key]
    for at, name, value in demands(spec):
        if name in MAPS_OF_SCHEMAS and isinstance(value, dict):
            yield from ((f"{at}/{key}", schema) for key, schema in value.items())


def named_schemas(spec: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for at, name, value in demands(spec):
        if name == "schema" and isinstance(value, str):
            yield at, value
