"""Conditions of changes: tests of the caller's request, or of an error, as data.

The keys of a condition are JSONPaths into the body, `path`, `method`, `header NAME`, and for errors
`status`, `code` and `param`. All of them must hold. A JSONPath holds if one of its values passes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from harness.testbed.gateway.anthropic import validation as anthropic
from harness.testbed.gateway.endpoint import header_values
from harness.testbed.gateway.errors import RequestError
from harness.testbed.gateway.openai import validation as openai
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
ERROR_KEYS: Final = ("status", "code", "param")
HTTP_KEYS: Final = ("path", "method", "header NAME")
VALIDATORS: Final = {"anthropic": anthropic.FIELDS, "chat": openai.CHAT_FIELDS}


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
    return test(change.get("when", {})) and not ("unless" in change and test(change["unless"]))


def holds(condition: Mapping[str, Any], body: Json, protocol: str) -> bool:
    """Tests the body of a request."""
    return all(body_holds(path, test, body, protocol) for path, test in condition.items())


def body_holds(path: str, test: Any, body: Json, protocol: str) -> bool:
    if test == "invalid":
        return is_invalid(path.removeprefix("$."), body, protocol)
    nodes = values(path, body)
    if isinstance(test, str):
        return bool(nodes) == (test == "present")
    return any(passes(value, test) for value in nodes)


def is_invalid(field: str, body: Json, protocol: str) -> bool:
    """Tests whether the body has this field with a value that the right gateway refuses."""
    if field not in body:
        return False
    try:
        VALIDATORS.get(protocol, openai.FIELDS)[field](field, body[field])
    except RequestError:
        return True
    return False


def request_holds(condition: Mapping[str, Any], request: Mapping[str, Any]) -> bool:
    """Tests path, method and headers of an HTTP request; header values in any letter case."""
    return all(text_holds(key, test, request) for key, test in condition.items())


def text_holds(key: str, test: Any, request: Mapping[str, Any]) -> bool:
    if key.startswith("header "):
        texts = header_values(request["headers"], key.removeprefix("header ").lower())
    else:
        texts = [request["path"].partition("?")[0] if key == "path" else request[key]]
    if isinstance(test, str):
        return bool(texts) == (test == "present")
    return any(passes(text, test) for text in texts)


def error_holds(condition: Mapping[str, Any], refusal: RequestError) -> bool:
    """Tests the status, the code and the field of an error."""
    return all(error_key_holds(getattr(refusal, k), test) for k, test in condition.items())


def error_key_holds(value: Json, test: Any) -> bool:
    return (
        (value is not None) == (test == "present") if isinstance(test, str) else passes(value, test)
    )
