"""Conditions of changes: tests of the caller's request, or of an error, as data.

The keys of a condition are JSONPaths into the body, `data PATH` for JSONPaths into what is changed,
and the keys below for requests and replies as HTTP, and for errors. All of them must hold. A key
holds if one of its values passes. Of a list of conditions, one must hold.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from harness.testbed.gateway.anthropic import validation as anthropic
from harness.testbed.gateway.embeddings import validation as embeddings
from harness.testbed.gateway.endpoint import header_values
from harness.testbed.gateway.errors import RequestError
from harness.testbed.gateway.openai import validation as openai
from harness.testbed.gateway.validators import Check
from harness.testbed.mutation.paths import values

Json = Any
TYPES: Final[Mapping[str, tuple[type, ...]]] = {
    "string": (str,),
    "number": (int, float),
    "integer": (int,),
    "boolean": (bool,),
    "object": (dict,),
    "array": (list,),
    "null": (type(None),),
}
ERROR_KEYS: Final = ("status", "code", "param", "message")
HTTP_KEYS: Final = ("path", "query", "method", "body", "header NAME")
REPLY_KEYS: Final = (*HTTP_KEYS, "status", "data PATH")
OF_DATA: Final = "data "
VALIDATORS: Final[Mapping[str, Mapping[str, Check]]] = {
    "anthropic": anthropic.FIELDS,
    "chat": openai.CHAT_FIELDS,
    "embeddings": embeddings.FIELDS,
}


def has_type(value: Json, names: str | list[str]) -> bool:
    """Tests the JSON type; a boolean is not a number."""
    names = [names] if isinstance(names, str) else names
    return any(
        isinstance(value, TYPES[name]) and not (isinstance(value, bool) and name != "boolean")
        for name in names
    )


def is_above(value: Json, limit: float) -> bool:
    return has_type(value, "number") and value > limit


def is_below(value: Json, limit: float) -> bool:
    return has_type(value, "number") and value < limit


def is_outside(value: Json, limits: list[float]) -> bool:
    return is_below(value, limits[0]) or is_above(value, limits[1])


TESTS: Final[Mapping[str, Callable[[Json, Any], bool]]] = {
    "equals": lambda value, other: bool(value == other),
    "in": lambda value, others: value in others,
    "not_in": lambda value, others: value not in others,
    "type": has_type,
    "not_type": lambda value, names: not has_type(value, names),
    "above": is_above,
    "below": is_below,
    "outside": is_outside,
    "longer": lambda value, size: isinstance(value, str | list | dict) and len(value) > size,
    "contains": lambda value, part: isinstance(value, str) and part in value,
    "matches": lambda value, form: isinstance(value, str) and bool(re.search(form, value)),
}


def passes(value: Json, test: Mapping[str, Any]) -> bool:
    return all(TESTS[name](value, argument) for name, argument in test.items())


def meets(change: Mapping[str, Any], test: Callable[[Mapping[str, Any]], bool]) -> bool:
    """Whether the conditions `when` of a change hold, and those of `unless` do not."""
    when, unless = alternatives(change.get("when", {})), alternatives(change.get("unless", []))
    return any(map(test, when)) and not any(map(test, unless))


def alternatives(conditions: Json) -> list[Mapping[str, Any]]:
    """Returns the conditions of which one must hold."""
    return conditions if isinstance(conditions, list) else [conditions]


def holds(condition: Mapping[str, Any], body: Json, protocol: str, data: Json = None) -> bool:
    """Tests the body of a request, and the data that are changed."""
    return all(body_holds(path, test, body, protocol, data) for path, test in condition.items())


def body_holds(path: str, test: Any, body: Json, protocol: str, data: Json) -> bool:
    if test == "invalid":
        return is_invalid(path.removeprefix("$."), body, protocol)
    if path.startswith(OF_DATA):
        return one_passes(values(path.removeprefix(OF_DATA), data), test)
    return one_passes(values(path, body), test)


def one_passes(nodes: Sequence[Json], test: Any) -> bool:
    """Whether one of some values passes, or whether there is one."""
    if isinstance(test, str):
        return bool(nodes) == (test == "present")
    return any(passes(value, test) for value in nodes)


def is_invalid(field: str, body: Json, protocol: str) -> bool:
    """Tests whether the body has this field with a value that the right gateway refuses."""
    check = VALIDATORS.get(protocol, openai.FIELDS).get(field)
    if check is None or not isinstance(body, dict) or field not in body:
        return False
    try:
        check(field, body[field])
    except RequestError:
        return True
    return False


def request_holds(condition: Mapping[str, Any], request: Mapping[str, Any]) -> bool:
    """Tests an HTTP request; names of headers in any letter case."""
    return all(one_passes(parts(key, request), test) for key, test in condition.items())


def reply_holds(
    condition: Mapping[str, Any], request: Mapping[str, Any], reply: Mapping[str, Any], data: Json
) -> bool:
    """Tests an HTTP request, the status of its reply, and the JSON in the reply."""
    own = {"status": [reply["status"]]}
    return all(
        one_passes(
            values(key.removeprefix(OF_DATA), data)
            if key.startswith(OF_DATA)
            else own.get(key) or parts(key, request),
            test,
        )
        for key, test in condition.items()
    )


def parts(key: str, request: Mapping[str, Any]) -> list[str]:
    """Returns the values of a key: of a header one for each time it occurs, of others one."""
    if key.startswith("header "):
        return header_values(request["headers"], key.removeprefix("header ").lower())
    path, mark, query = request["path"].partition("?")
    texts = {"path": path, "method": request["method"], "query": query}
    if key == "query" and not mark:
        return []
    return [texts[key] if key in texts else request["body"].decode("utf-8", "replace")]


def error_holds(condition: Mapping[str, Any], refusal: RequestError) -> bool:
    """Tests the status, the code, the field and the message of an error."""
    own = ((getattr(refusal, key), test) for key, test in condition.items())
    return all(one_passes([] if value is None else [value], test) for value, test in own)
