"""A case after its schema -> what no schema can say: (pointer, what to do). Pure."""

from __future__ import annotations

import difflib
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Set
from functools import lru_cache
from typing import Any

from harness.model import Json
from harness.util import json_schema, jsonpath
from harness.util.json_pointer import escape

Spec = Mapping[str, Any]
Faults = Iterator[tuple[str, str]]
MAPS_OF_PATHS = ("body", "events")
LISTED = ("unique", "equal", "same")
COMPARED = ("same_as", "more_than")
ON_THE_PANEL = ("always_empty", "always", "present")
VALUED = ("values", "extreme", "wrong", "value", "others", "range", "over")


def rows(spec: Spec, known: Set[str]) -> Faults:
    """A pack that has no rows at all speaks of none."""
    written = [("/row", spec["row"])]
    written += [(f"/also/{i}", row) for i, row in enumerate(spec.get("also", ()))]
    for at, row in written:
        if known and row not in known:
            hint = near(row, known) or "add it to rows.yaml"
            yield at, f"no row `{row}` in this pack; {hint}"


def feature(spec: Spec, known: Set[str]) -> Faults:
    name = spec.get("feature", "core")
    if known and name not in known | {"core"}:
        hint = near(name, known) or "add it to `features` in pack.yaml"
        yield "/feature", f"no feature `{name}` in this pack; {hint}"


def protocols(spec: Spec, known: Set[str]) -> Faults:
    for index, step in enumerate(spec.get("steps", ())):
        name = step.get("protocol")
        if name is not None and name not in known:
            there = f"it has {', '.join(sorted(known))}; see `other_protocols` in pack.yaml"
            yield f"/steps/{index}/protocol", f"this pack does not speak `{name}`: {there}"


def near(word: str, known: Set[str]) -> str:
    found = difflib.get_close_matches(word, sorted(known), 1)
    return f"did you mean `{found[0]}`?" if found else ""


def wording(spec: Spec) -> Faults:
    """Keys that say nothing, or not enough, beside one another."""
    behaviour = spec["behaviour"]
    if behaviour in ON_THE_PANEL and ("path" in spec) == ("header" in spec):
        yield "", f"`{behaviour}` needs either `path` or `header`"
    valued = behaviour == "required" or any(key in spec for key in VALUED)
    if valued and behaviour not in ON_THE_PANEL and "at" not in spec and "." in spec["row"]:
        yield "", f"say with `at` where in the request `{spec['row']}` is, as /messages/0/name"
    for key in ("request", "omit", "http", "raw", "client", "upstream"):
        if "steps" in spec and key in spec:
            yield f"/{key}", f"with `steps`, `{key}` belongs into one of them"
    names = Counter(step["name"] for step in spec.get("steps", ()))
    yield from agreeing(spec, set(names))
    for index, step in enumerate(spec.get("steps", ())):
        if names[step["name"]] > 1:
            yield f"/steps/{index}/name", f"two steps are called `{step['name']}`"


def agreeing(spec: Spec, steps: Set[str]) -> Faults:
    for at, name, args in assertions(spec):
        for index, entry in enumerate(args if name == "agree" else ()):
            for step in entry["paths"].keys() - steps:
                hint = near(step, steps) or "`agree` compares two steps of the case"
                yield f"{at}/{index}/paths/{escape(step)}", f"no step is called `{step}`; {hint}"


def inner(spec: Spec) -> Faults:
    """JSONPaths that do not parse, JSON Schemas that are none or that nobody wrote."""
    for at, path in paths(spec):
        try:
            jsonpath.compile(path.removesuffix("?"))
        except ValueError as error:
            yield at, f"not a JSONPath: {error}"
    for at, schema in inline_schemas(spec):
        complaint = schema_complaint(json.dumps(schema, sort_keys=True))
        if complaint:
            yield at, f"not a JSON Schema: {complaint}"
    for at, name in named_schemas(spec):
        if not json_schema.exists(name):
            hint = (
                near(name, set(json_schema.names()))
                or f"there are {', '.join(json_schema.names())}"
            )
            yield at, f"no schema `{name}`; {hint}"


@lru_cache(maxsize=4096)
def schema_complaint(text: str) -> str | None:
    """Cases write the same few schemas again and again, and each takes a third of a millisecond."""
    return json_schema.check_schema(json.loads(text))


def assertions(spec: Spec) -> Iterator[tuple[str, str, Json]]:
    """(pointer, check, arguments) of everything demanded, however deep, never of a request."""
    for key in ("expect", "should", "may", "assume", "when"):
        yield from checks(spec.get(key, {}), f"/{key}")
    for index, step in enumerate(spec.get("steps", ())):
        for key in ("expect", "should", "may"):
            yield from checks(step.get(key, {}), f"/steps/{index}/{key}")


def checks(written: Spec, at: str) -> Iterator[tuple[str, str, Json]]:
    for name, args in written.items():
        if name in ("when", "control"):
            yield from checks(args, f"{at}/{name}")
        elif name == "any":
            for index, part in enumerate(args):
                yield from checks(part, f"{at}/any/{index}")
        elif name not in ("request", "omit"):
            yield f"{at}/{name}", name, args


def paths(spec: Spec) -> Iterator[tuple[str, str]]:
    if "path" in spec:
        yield "/path", spec["path"]
    for index, step in enumerate(spec.get("steps", ())):
        for name, path in step.get("capture", {}).items():
            yield f"/steps/{index}/capture/{name}", path
    for at, name, args in assertions(spec):
        listed = args if name in LISTED else args["paths"] if name in COMPARED else ()
        below = f"{at}/paths" if name in COMPARED else at
        for index, path in enumerate(listed):
            if not path.startswith("header "):
                yield f"{below}/{index}", path
        if name in (*MAPS_OF_PATHS, "sum"):
            yield from ((f"{at}/{escape(path)}", path) for path in args)
        if name in ("agree", "sum", "forwarded"):
            yield from deeper(name, args, at)


def deeper(name: str, args: Json, at: str) -> Iterator[tuple[str, str]]:
    """The paths within the arguments of `agree`, `forwarded` and `sum`."""
    if name == "agree":
        for index, entry in enumerate(args):
            for step, path in entry["paths"].items():
                yield f"{at}/{index}/paths/{escape(step)}", path
    elif name == "forwarded":
        for protocol in args.keys() - {"times"}:
            for path in args[protocol].get("body", ()):
                yield f"{at}/{protocol}/body/{escape(path)}", path
    else:
        for key, parts in args.items():
            yield from ((f"{at}/{escape(key)}/{i}", part) for i, part in enumerate(parts))


def inline_schemas(spec: Spec) -> Iterator[tuple[str, Json]]:
    yield from ((f"/{key}", spec[key]) for key in ("schema", "obeyed") if key in spec)
    for at, name, args in assertions(spec):
        if name in (*MAPS_OF_PATHS, "headers"):
            yield from ((f"{at}/{escape(key)}", schema) for key, schema in args.items())
        for protocol in args.keys() - {"times"} if name == "forwarded" else ():
            for kind in ("body", "headers"):
                for key, schema in args[protocol].get(kind, {}).items():
                    yield f"{at}/{protocol}/{kind}/{escape(key)}", schema


def named_schemas(spec: Spec) -> Iterator[tuple[str, str]]:
    return ((at, args) for at, name, args in assertions(spec) if name == "schema")
