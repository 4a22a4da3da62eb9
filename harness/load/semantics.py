"""Checks a case for mistakes that its JSON Schema cannot find: (pointer, what to do)."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Set
from functools import lru_cache
from typing import Any, Final

from harness.model import Json
from harness.util import json_schema, jsonpath
from harness.util.json_pointer import escape
from harness.util.suggestion import suggestion

Spec = Mapping[str, Any]
Problems = Iterator[tuple[str, str]]
KEYED_BY_PATH: Final = ("body", "events")
COMPARING: Final = ("same_as", "more_than")
ON_THE_PANEL: Final = ("always_empty", "always", "present")
VALUES: Final = (
    *("values", "boundary_values", "wrong_type_values", "value", "other_values"),
    *("range", "beyond"),
)


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
            there = f"it has {', '.join(sorted(known))}; see `other_protocols` in pack.yaml"
            yield f"/steps/{index}/protocol", f"this pack does not have `{name}`: {there}"


def key_problems(spec: Spec) -> Problems:
    """Yield combinations of keys that are incomplete or contradict each other."""
    behaviour = spec.get("behaviour", "supported")
    if behaviour in ON_THE_PANEL and ("path" in spec) == ("header" in spec):
        yield "", f"`{behaviour}` needs either `path` or `header`"
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
        for index, entry in enumerate(args if name == "steps_agree" else ()):
            for step in entry["paths"].keys() - steps:
                hint = suggestion(step, steps, "`steps_agree` compares two steps of the case")
                yield f"{at}/{index}/paths/{escape(step)}", f"no step is called `{step}`; {hint}"


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
    for at, check, name in assertions(spec):
        if check == "schema" and not json_schema.exists(name):
            names = json_schema.names()
            hint = suggestion(name, names, f"there are {', '.join(names)}")
            yield at, f"no schema `{name}`; {hint}"


@lru_cache(maxsize=4096)
def schema_problem(text: str) -> str | None:
    """Return what is wrong with a JSON Schema. Cached: cases repeat the same few schemas."""
    return json_schema.check_schema(json.loads(text))


def assertions(spec: Spec) -> Iterator[tuple[str, str, Json]]:
    """Yield (pointer, check, arguments) of every assertion of a case, at any depth."""
    for key in ("expect", "should", "may", "assume", "refusal"):
        yield from checks(spec.get(key, {}), f"/{key}")
    yield from checks(spec.get("control", {}).get("expect", {}), "/control/expect")
    for index, step in enumerate(spec.get("steps", ())):
        for key in ("expect", "should", "may"):
            yield from checks(step.get(key, {}), f"/steps/{index}/{key}")


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
    if "path" in spec:
        yield "/path", spec["path"]
    for index, step in enumerate(spec.get("steps", ())):
        for name, path in step.get("capture", {}).items():
            yield f"/steps/{index}/capture/{name}", path
    for at, name, args in assertions(spec):
        if name in (*KEYED_BY_PATH, "sum"):
            yield from ((f"{at}/{escape(path)}", path) for path in args)
        inside = paths_inside(name, args, at)
        yield from (one for one in inside if not one[1].startswith("header "))


def paths_inside(name: str, args: Json, at: str) -> Iterator[tuple[str, str]]:
    """Yield the paths in the arguments of a check, other than those that are its keys."""
    if name == "sum":
        for key, parts in args.items():
            yield from ((f"{at}/{escape(key)}/{i}", part) for i, part in enumerate(parts))
    elif name in COMPARING:
        yield from ((f"{at}/paths/{i}", path) for i, path in enumerate(args["paths"]))
    elif name in ("unique", "same"):
        for index, item in enumerate(args):
            yield from ((f"{at}/{index}", p) for p in ([item] if isinstance(item, str) else item))
    elif name == "steps_agree":
        for index, entry in enumerate(args):
            places = entry["paths"].items()
            yield from ((f"{at}/{index}/paths/{escape(step)}", path) for step, path in places)
    elif name == "forwarded":
        for protocol in args.keys() - {"count"}:
            body = args[protocol].get("body", ())
            yield from ((f"{at}/{protocol}/body/{escape(path)}", path) for path in body)


def inline_schemas(spec: Spec) -> Iterator[tuple[str, Json]]:
    """Yield (pointer, schema) of every JSON Schema. Plain values are not schemas."""
    yield from ((f"/{key}", spec[key]) for key in ("schema", "obeyed_if") if key in spec)
    for at, name, args in assertions(spec):
        if name in (*KEYED_BY_PATH, "headers"):
            expected = [(f"{at}/{escape(key)}", value) for key, value in args.items()]
        elif name == "forwarded":
            expected = [
                (f"{at}/{protocol}/{kind}/{escape(key)}", value)
                for protocol in args.keys() - {"count"}
                for kind in ("body", "headers")
                for key, value in args[protocol].get(kind, {}).items()
            ]
        else:
            expected = []
        yield from ((where, value) for where, value in expected if isinstance(value, dict | bool))
