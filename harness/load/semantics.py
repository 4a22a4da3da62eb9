"""Checks a case for mistakes that its JSON Schema cannot find: (pointer, what to do)."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Set
from functools import lru_cache
from typing import Any, Final

from harness.model import Json
from harness.util import json_pointer, json_schema, jsonpath
from harness.util.suggestion import suggestion
from harness.util.whole_words import with_patterns

Spec = Mapping[str, Any]
Problems = Iterator[tuple[str, str]]
COMPARING: Final = ("same_as", "more_than")
ASSERTIONS: Final = (
    *("expect", "should", "may", "assume", "when", "control/expect"),
    *("steps/*/expect", "steps/*/should", "steps/*/may"),
)
# Check -> where its arguments have JSONPaths as keys, as values, and JSON Schemas.
PATH_KEYS: Final = {"body": "*", "events": "*", "sum": "*", "forwarded": "*/body/*"}
PATHS: Final = {
    "sum": ("*/*",),
    "unique": ("*", "*/*"),
    "same": ("*", "*/*"),
    "steps_agree": ("*/paths/*",),
    **dict.fromkeys(COMPARING, ("paths/*",)),
}
NO_PATHS: Final = ("header ", "rest")  # beginnings of what can stand in place of a JSONPath
SCHEMAS: Final = {
    "forwarded": ("*/body/*", "*/headers/*"),
    **dict.fromkeys(("body", "events", "headers"), ("*",)),
}
ON_THE_PANEL: Final = ("always_empty", "always", "present")
VALUES: Final = ("values", "boundary_values", "wrong_type_values", "value", "range")


def row_ids(spec: Spec) -> list[str]:
    """Return the rows of a case: the one it is about first, then those that it also covers."""
    row = spec["row"]
    return [row] if isinstance(row, str) else list(row)


def row_problems(spec: Spec, known: Set[str]) -> Problems:
    """Yield unknown rows. A pack without rows does not restrict them."""
    single = isinstance(spec["row"], str)
    for index, row in enumerate(row_ids(spec)):
        if known and row not in known:
            hint = suggestion(row, known, "add it to rows.yaml")
            yield "/row" if single else f"/row/{index}", f"no row `{row}` in this pack; {hint}"


def feature_problems(spec: Spec, known: Collection[str]) -> Problems:
    name = spec.get("feature", "core")
    if known and name not in ("core", *known):
        hint = suggestion(name, known, "add it to `features` in pack.yaml")
        yield "/feature", f"no feature `{name}` in this pack; {hint}"


def protocol_problems(spec: Spec, known: Collection[str]) -> Problems:
    for index, step in enumerate(spec.get("steps", ())):
        name = step.get("protocol")
        if name is not None and name not in known:
            there = f"it has {', '.join(sorted(known))}; see `protocols` in pack.yaml"
            yield f"/steps/{index}/protocol", f"this pack does not have `{name}`: {there}"


def key_problems(spec: Spec) -> Problems:
    """Yield combinations of keys that are incomplete or contradict each other."""
    behaviour = spec.get("behaviour", "supported")
    has_field = behaviour == "required" or any(key in spec for key in VALUES)
    row = row_ids(spec)[0]
    if has_field and behaviour not in ON_THE_PANEL and "field" not in spec and "." in row:
        text = f"name with `field` where in the request `{row}` is, such as $.messages[0].name"
        yield "", text
    for key in ("request", "client", "upstream"):
        if "steps" in spec and key in spec:
            yield f"/{key}", f"with `steps`, `{key}` belongs to one of them"
    names = Counter(step["name"] for step in spec.get("steps", ()))
    yield from step_problems(spec, set(names))
    for index, step in enumerate(spec.get("steps", ())):
        if names[step["name"]] > 1:
            yield f"/steps/{index}/name", f"two steps are called `{step['name']}`"


def step_problems(spec: Spec, steps: Set[str]) -> Problems:
    for at, name, args in assertions(spec):
        for pointer, _ in json_pointer.select(args, "*/paths/*" if name == "steps_agree" else ""):
            step = json_pointer.split(pointer)[-1]
            if step not in steps:
                hint = suggestion(step, steps, "`steps_agree` compares two steps of the case")
                yield at + pointer, f"no step is called `{step}`; {hint}"


def expression_problems(spec: Spec) -> Problems:
    """Yield invalid JSONPaths and JSON Schemas, and unknown schema names."""
    if "field" in spec:
        try:
            jsonpath.to_pointer(spec["field"])
        except ValueError as error:
            yield "/field", str(error)
    for at, path in paths(spec):
        try:
            jsonpath.compile(path.removesuffix("?"))
        except ValueError as error:
            yield at, f"not a JSONPath: {error}"
    for at, schema in inline_schemas(spec):
        if problem := schema_problem(json.dumps(schema, sort_keys=True)):
            yield at, f"not a JSON Schema: {problem}"
    names = json_schema.names()
    for at, check, name in assertions(spec):
        if check == "schema" and name not in names:
            hint = suggestion(name, names, f"there are {', '.join(names)}")
            yield at, f"no schema `{name}`; {hint}"


@lru_cache(maxsize=4096)
def schema_problem(text: str) -> str | None:
    """Return what is wrong with a JSON Schema. Cached: cases repeat the same few schemas."""
    try:
        return json_schema.check_schema(with_patterns(json.loads(text)))
    except ValueError as error:
        return str(error)


def assertions(spec: Spec) -> Iterator[tuple[str, str, Json]]:
    """Yield (pointer, check, arguments) of every assertion of a case, at any depth."""
    for pattern in ASSERTIONS:
        for at, value in json_pointer.select(spec, pattern):
            yield from checks(value, at)


def checks(spec: Spec, at: str) -> Iterator[tuple[str, str, Json]]:
    for name, args in spec.items():
        if name == "when":
            yield from checks(args, f"{at}/{name}")
        elif name == "any_of":
            for index, part in enumerate(args):
                yield from checks(part, f"{at}/any_of/{index}")
        else:
            yield f"{at}/{name}", name, args


def paths(spec: Spec) -> Iterator[tuple[str, str]]:
    """Yield (pointer, JSONPath) of every path into an answer."""
    for pattern in ("path", "steps/*/capture/*"):
        for at, path in json_pointer.select(spec, pattern):
            if not path.startswith(NO_PATHS):
                yield at, path
    for at, name, args in assertions(spec):
        for pointer, _ in json_pointer.select(args, PATH_KEYS.get(name, "")):
            yield at + pointer, json_pointer.split(pointer)[-1]
        for pattern in PATHS.get(name, ()):
            for pointer, path in json_pointer.select(args, pattern):
                if isinstance(path, str) and not path.startswith(NO_PATHS):
                    yield at + pointer, path


def inline_schemas(spec: Spec) -> Iterator[tuple[str, Json]]:
    """Yield (pointer, schema) of every JSON Schema. Plain values are not schemas."""
    if "schema" in spec:
        yield "/schema", spec["schema"]
    for at, name, args in assertions(spec):
        for pattern in SCHEMAS.get(name, ()):
            for pointer, value in json_pointer.select(args, pattern):
                if isinstance(value, dict | bool):
                    yield at + pointer, value
