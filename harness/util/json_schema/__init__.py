"""JSON Schema validation by the name of a shipped schema or with a schema from a case.

References are resolved among the shipped schemas only; nothing is fetched.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, Final

from harness.model import Json
from harness.util import json_pointer, paths
from harness.util.json_schema.checker import Checker
from harness.util.json_schema.messages import describe, truncate

if TYPE_CHECKING:
    from referencing.jsonschema import SchemaRegistry

NOT_ASSERTED: Final = (
    *("$schema", "$id", "$anchor", "$dynamicAnchor", "$defs", "$comment", "title", "description"),
    *("default", "examples", "deprecated", "readOnly", "writeOnly", "then", "else"),
    *("minContains", "maxContains"),
)


def errors(name: str, instance: Json) -> list[tuple[str, str]]:
    """Validate with a shipped schema: `openai/chunk`, or `NAME#/$defs/PART` for a part of one.

    Returns:
        (JSON Pointer, message) for each error.
    """
    return _by_name(name).errors(instance)


def errors_inline(schema: Json, instance: Json) -> list[tuple[str, str]]:
    """Validate an instance with a schema from a case, which can refer to shipped ones by name."""
    return _inline(json.dumps(schema, sort_keys=True)).errors(instance)


def contents(name: str) -> Json:
    """Return a shipped schema itself."""
    return _files()[name]


def names() -> tuple[str, ...]:
    """Return the names of all shipped schemas."""
    return tuple(sorted(_files()))


def check_schema(schema: Json) -> str | None:
    """Return the problem of a schema from a case, or None.

    An unknown keyword is a problem: JSON Schema ignores it, so a typo would accept every value.
    """
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import SchemaError

    if isinstance(schema, bool):
        return None
    if not isinstance(schema, dict):
        return f"a JSON Schema is an object, true or false, not {truncate(schema)}"
    try:
        Draft202012Validator.check_schema(schema)
    except SchemaError as error:
        at = json_pointer.join(error.absolute_path)
        return f"{f'{at}: ' if at else ''}{describe(error)[0][1]}"
    except RecursionError:
        return "it is nested too deeply"
    return next(_ignored_keywords(schema), None)


def _ignored_keywords(schema: dict[str, Json]) -> Iterator[str]:
    """Yield keywords that the validator would ignore, and unresolvable references."""
    from jsonschema import Draft202012Validator
    from referencing.exceptions import Unresolvable
    from referencing.jsonschema import DRAFT202012

    keywords = {*NOT_ASSERTED, *Draft202012Validator.VALIDATORS}
    root = DRAFT202012.create_resource(schema)
    resolver = _registry().resolver_with_root(root)
    todo = [root]
    while todo:
        resource = todo.pop()
        todo.extend(resource.subresources())
        for key in resource.contents if isinstance(resource.contents, dict) else ():
            if key == "format":
                yield "`format` is not checked; use `pattern`"
            elif key not in keywords:
                yield f"`{key}` is not a JSON Schema keyword (Draft 2020-12)"
            elif key == "$ref":
                try:
                    resolver.lookup(resource.contents[key])
                except Unresolvable:
                    yield f"there is no schema {truncate(resource.contents[key])}"


@cache
def _by_name(name: str) -> Checker:
    head, mark, fragment = name.partition("#")
    if head not in _files():
        raise KeyError(f"there is no schema {name!r}; there are: {', '.join(names())}")
    # The `$id` is the base for the schema's own references.
    return Checker({"$ref": _files()[head].get("$id", head) + mark + fragment}, _registry())


@lru_cache(maxsize=4096)
def _inline(text: str) -> Checker:
    return Checker(json.loads(text), _registry())


@cache
def _files() -> dict[str, Any]:
    folder = paths.schemas_dir()
    return {
        file.relative_to(folder).as_posix().removesuffix(".schema.json"): json.loads(
            file.read_text(encoding="utf-8")
        )
        for file in sorted(folder.rglob("*.schema.json"))
    }


@cache
def _registry() -> SchemaRegistry:
    """Return a registry with every file under its `$id`, its name and its path."""
    from referencing.jsonschema import DRAFT202012, EMPTY_REGISTRY

    registry: SchemaRegistry = EMPTY_REGISTRY
    for name, contents in _files().items():
        resource = DRAFT202012.create_resource(contents)
        spellings = {resource.id() or name, name, f"{name}.schema.json"}
        registry = registry.with_resources((each, resource) for each in spellings)
    return registry
