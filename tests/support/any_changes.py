"""Hypothesis strategies for valid changes of the reference gateway, by the schema of files."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from hypothesis import assume
from hypothesis import strategies as st

from harness.load.changes import KEYS, change_problems
from harness.testbed.mutation.edits import EDITS
from harness.testbed.mutation.points import POINTS
from harness.util.paths import schemas_dir

Schema = Mapping[str, Any]
DEFINITIONS: Final = json.loads((schemas_dir() / "mutants.schema.json").read_text("utf-8"))["$defs"]
OPERATORS: Final[Mapping[str, Schema]] = DEFINITIONS["operators"]["properties"]
FIELDS: Final = ("model", "messages", "content", "role", "type", "text", "tools", "input")
NAMES: Final = st.sampled_from([*FIELDS, "choices", "usage", "status", "error", "headers", "a", ""])
TEXTS: Final = st.sampled_from(
    ["", "a", "user", "{}", '{"a": 1}', "1", "Grüße", "\U0001f30d", "\ud800", "a\nb"]
)
NUMBERS: Final = st.sampled_from([0, 1, -1, 2, 0.5, 1e308, -1e308, 10**400])
JSON: Final[st.SearchStrategy[Any]] = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS | st.just("[1"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=6,
)
SELECTORS: Final = (
    *(f".{name}" for name in FIELDS),
    *(".*", "[*]", "..*", "..a", "..text", "[0]", "[-1]", "[0,0]", "[1,0]", "[1:]", "[::-1]"),
    *("['a','a']", "['type','text']", "['']", "[?@.a]", "[?@==1]", "[?length(@)==0]"),
    *("[?@.type=='text']", "[?match(@.role,'u.*')]", "[?@.content[?@.type]]"),
)
STEPS: Final = st.lists(st.sampled_from(SELECTORS), min_size=1, max_size=3).map(
    lambda parts: "$" + "".join(parts)
)
PATHS: Final = st.lists(STEPS, min_size=1, max_size=2).map(" | ".join)
PATTERNS: Final = st.sampled_from(["a", "^", "$", ".*", "(?s).+$", r"\s+", "(a)|b", r"(?=\d)"])
# Definitions of the schema whose values these are.
KNOWN: Final = {"path": PATHS, "header": st.sampled_from(["x-a", "content-type", "retry-after"])}


def values_of(schema: Schema) -> st.SearchStrategy[Any]:
    """Returns values that are valid under a part of the schema."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return KNOWN[name] if name in KNOWN else values_of(DEFINITIONS[name])
    if "const" in schema:
        return st.just(schema["const"])
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    if "oneOf" in schema:
        return st.one_of(*map(values_of, schema["oneOf"]))
    return of_type(schema)


def of_type(schema: Schema) -> st.SearchStrategy[Any]:
    match schema.get("type"):
        case "integer":
            return st.integers(schema.get("minimum", -9), schema.get("maximum", 599))
        case "number":
            return NUMBERS
        case "string":
            form = schema.get("pattern")
            return st.from_regex(form, fullmatch=True) if form else PATTERNS | NAMES | TEXTS
        case "array":
            size = (schema.get("minItems", 0), schema.get("maxItems", 3))
            return st.lists(values_of(schema.get("items", {})), min_size=size[0], max_size=size[1])
        case "object":
            return of_object(schema)
    return PATTERNS if "minLength" in schema else JSON


def of_object(schema: Schema) -> st.SearchStrategy[Any]:
    if "properties" in schema:
        parts = {name: values_of(part) for name, part in schema["properties"].items()}
        needed = {name: parts.pop(name) for name in schema.get("required", ())}
        return st.fixed_dictionaries(needed, optional=parts)
    names = values_of(schema["propertyNames"]) if "propertyNames" in schema else NAMES
    inner = values_of(schema.get("additionalProperties") or {})
    return st.dictionaries(names, inner, min_size=schema.get("minProperties", 0), max_size=2)


def conditions(at: str) -> st.SearchStrategy[Any]:
    """Returns conditions at a point."""
    keys = KEYS.get(at, ())
    words = [key for key in keys if key not in ("header NAME", "data PATH")]
    own = [st.sampled_from(words)] if words else [PATHS]
    if not keys or "data PATH" in keys:
        own.append(PATHS.map("data {}".format))
    if "header NAME" in keys:
        own.append(st.just("header x-a"))
    tests = values_of(DEFINITIONS["test"]).filter(lambda test: test != "invalid")
    some = st.dictionaries(st.one_of(own), tests, min_size=1, max_size=2)
    return some if keys else some | st.just({"$.temperature": "invalid"})


@st.composite
def operators(draw: st.DrawFn, names: Sequence[str] = tuple(EDITS), at: str = "") -> dict[str, Any]:
    """Draws one to three operators with their arguments."""
    chosen = draw(st.lists(st.sampled_from(names), min_size=1, max_size=3, unique=True))
    own = {"forgive": PATHS} if at == "forwarded" else {}
    return {name: draw(own[name] if name in own else values_of(OPERATORS[name])) for name in chosen}


@st.composite
def changes(draw: st.DrawFn, at: str) -> dict[str, Any]:
    """Draws a change at a point that the loader of files takes."""
    point = POINTS[at]
    change = {
        "at": at,
        "protocol": draw(st.sampled_from(point.protocols)),
        "do": draw(operators((*point.operators, *(EDITS if point.edits else ())), at)),
    }
    if at != "headers" and draw(st.booleans()):
        change["when"] = draw(conditions(at))
    assume(not [*change_problems(change)])
    return change
