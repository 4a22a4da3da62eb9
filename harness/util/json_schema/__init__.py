"""Instance, schema name -> (JSON Pointer, complaint). May not fetch anything or crash."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, Final

from harness.model import Json
from harness.util import json_pointer, paths
from harness.util.json_schema.checker import Checker
from harness.util.json_schema.messages import broken, cut, words

if TYPE_CHECKING:
    from referencing.jsonschema import SchemaRegistry

# fmt: off
NOT_ASSERTED: Final = frozenset({
    "$schema", "$id", "$anchor", "$dynamicAnchor", "$defs", "$comment", "title", "description",
    "default", "examples", "deprecated", "readOnly", "writeOnly", "then", "else", "minContains",
    "maxContains",
})
# fmt: on


def errors(name: str, instance: Json) -> list[tuple[str, str]]:
    """(JSON Pointer, what is wrong there) for `schemas/NAME.schema.json`; KeyError if none.

    `NAME#/$defs/PART` names a part of it.
    """
    return _named(name).errors(instance)


def errors_inline(schema: Json, instance: Json) -> list[tuple[str, str]]:
    """The same for a schema written in a case; it may `$ref` a named one."""
    return _inline(json.dumps(schema, sort_keys=True)).errors(instance)


def exists(name: str) -> bool:
    return name in _files()


def names() -> tuple[str, ...]:
    """Every schema there is, as `complaints` takes it."""
    return tuple(sorted(_files()))


def check_schema(schema: Json) -> str | None:
    """What is wrong with a schema that somebody wrote, or None. A typo must not mean `anything`."""
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import SchemaError

    if isinstance(schema, bool):
        return None
    if not isinstance(schema, dict):
        return f"a JSON Schema is an object, true or false, not {cut(schema)}"
    try:
        Draft202012Validator.check_schema(schema)
    except SchemaError as error:
        at = json_pointer.join(error.absolute_path)
        return f"{f'{at}: ' if at else ''}{words(broken(error))[0][1]}"
    except RecursionError:
        return "it is nested too deep"
    return next(_oddities(schema), None)


def _oddities(schema: dict[str, Json]) -> Iterator[str]:
    """What the metaschema lets pass and no validator would ever act on."""
    from jsonschema import Draft202012Validator
    from referencing.exceptions import Unresolvable
    from referencing.jsonschema import DRAFT202012

    known = NOT_ASSERTED | Draft202012Validator.VALIDATORS.keys()
    root = DRAFT202012.create_resource(schema)
    resolver = _registry().resolver_with_root(root)
    todo = [root]
    while todo:
        here = todo.pop()
        todo.extend(here.subresources())
        for key in here.contents if isinstance(here.contents, dict) else ():
            if key == "format":
                yield "`format` is not checked here; say it with `pattern`"
            elif key not in known:
                yield f"`{key}` is no JSON Schema keyword (Draft 2020-12)"
            elif key == "$ref":
                try:
                    resolver.lookup(here.contents[key])
                except Unresolvable:
                    yield f"there is no schema {cut(here.contents[key])}"


def _named(name: str) -> Checker:
    try:
        return _built(name)
    except KeyError:
        raise KeyError(f"there is no schema {name!r}; there are: {', '.join(names())}") from None


@cache
def _built(name: str) -> Checker:
    head, mark, fragment = name.partition("#")
    # By its own `$id`, so that what it refers to is found beside it.
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
    """Every file by its `$id`, its name and its path, so that each may speak of the others by any
    of them. Nothing is ever retrieved.
    """
    from referencing.jsonschema import DRAFT202012, EMPTY_REGISTRY

    registry: SchemaRegistry = EMPTY_REGISTRY
    for name, contents in _files().items():
        resource = DRAFT202012.create_resource(contents)
        spellings = {resource.id() or name, name, f"{name}.schema.json"}
        registry = registry.with_resources((each, resource) for each in spellings)
    return registry
