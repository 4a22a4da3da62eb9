"""The request of a case without the field under test."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping
from dataclasses import replace

from harness.language.behaviours.steps import field_pointer
from harness.model import Call, Case, Json
from harness.plan.request import drop
from harness.plan.request_parts import TOGETHER, Simpler
from harness.util import json_pointer

# A message, part, tool or call without such a member is invalid, and not a simpler request.
REQUIRED = frozenset(
    (
        *("role", "content", "type", "text", "source", "url", "data", "image_url"),
        *("id", "tool_call_id", "tool_use_id", "function", "name", "input", "arguments"),
        *("input_schema", "0", "1", "2"),
    )
)


def without_field(case: Case, base: Mapping[str, Json], call: Call) -> Simpler[Call]:
    """Yield the request without the field of the case, or with the base request's value for it."""
    if not isinstance(call.body, dict):
        return
    last = case.row.rpartition(".")[2]
    pointer = field_pointer(case) if "field" in case.spec else f"/{json_pointer.escape(last)}"
    if json_pointer.resolve(call.body, pointer) is None:
        return
    if json_pointer.split(pointer)[-1] in REQUIRED:
        return
    body, (top, *below) = copy.deepcopy(call.body), json_pointer.split(pointer)
    if not below and top in base:
        body[top] = base[top]
    else:
        drop(body, pointer)
    for name, needed in TOGETHER.items():
        if name in body and any(other not in body for other in needed):
            del body[name]
    if top != "stream":
        yield f"the same request without {pointer}", replace(call, body=body)


def has_none_of(body: Json, put: Iterable[tuple[str, Json]]) -> bool:
    """Return whether a body has nothing at the places of these values."""
    return all(json_pointer.resolve(body, pointer) is None for pointer, _ in put)
