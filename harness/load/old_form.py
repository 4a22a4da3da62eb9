"""Recognizes the case format of version 0.1 and shows the present form of each key."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from harness.util.jsonpath import from_pointer

REQUEST: Final = ("method", "path", "headers", "auth", "body", "raw", "omit")
# old key of a case -> present form; {} is the value as written
CASE: Final[Mapping[str, str]] = {
    "behavior": "write `behaviour`",
    "name": "write `id`",
    "also": "list all rows in `row`: `row: [first, second]`",
    "http": "`request` is the whole request; write `request: {}`",
    "raw": "`request` is the whole request; write `request: {{raw: ...}}`",
    "omit": "`request` is the whole request; write `request: {{omit: {}}}`",
    "extreme": "write `boundary_values`",
    "wrong": "write `wrong_type_values`",
    "others": "write `other_values`",
    "over": "write `beyond`",
    "on": "write `answers: [plain, stream, error]`",
    "provoke": "write `trigger: {{body: {}}}`",
    "joined": "write `equivalent_request: {{body: {}}}`",
    "without": "write `equivalent_request: {{body: {}}}`",
    "obeyed": "write `obeyed_if`",
}
# old name of a check -> present form
CHECKS: Final[Mapping[str, str]] = {
    "any": "write `any_of`",
    "equal": "write `same`",
    "agree": "write `steps_agree`",
    "fails": "write `error_signalled_by`",
}
LONGEST: Final = 60


def old_keys(spec: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield (pointer, present form) for every key of the old format in a case."""
    yield from common_keys(spec, "")
    for key, form in CASE.items():
        if key in spec and key not in ("http", "raw", "omit"):
            yield f"/{key}", f"unknown key `{key}`: {form.format(flow(spec[key]))}"
    if isinstance(spec.get("at"), str):
        path = from_pointer(spec["at"]) if spec["at"].startswith("/") else spec["at"]
        yield "/at", f"unknown key `at`: write `field: {path}`"
    if spec.get("behaviour") == "limited" and "when" in spec:
        yield "/when", "unknown key `when`: write `refusal`"
    if "control" in mapping(spec.get("assume")):
        form = "control: {body: ..., omit: [...], expect: {...}}"
        yield "/assume/control", f"`control` is a key of the case; write `{form}`"
    for index, step in enumerate(spec["steps"] if isinstance(spec.get("steps"), list) else ()):
        yield from common_keys(mapping(step), f"/steps/{index}")


def common_keys(item: Mapping[str, Any], at: str) -> Iterator[tuple[str, str]]:
    """Yield the old keys that a case and a step have in common."""
    for key in ("http", "raw", "omit"):
        if key in item:
            yield f"{at}/{key}", f"unknown key `{key}`: {CASE[key].format(flow(item[key]))}"
    request = mapping(item.get("request"))
    if request and not any(key in REQUEST for key in request):
        form = f"write `request: {{body: {flow(request)}}}`"
        yield f"{at}/request", f"`request` is the whole request; {form}"
    if "auth" in mapping(item.get("client")):
        yield f"{at}/client/auth", "unknown key `auth`: write `request: {auth: ...}`"
    if "reply" in mapping(item.get("upstream")):
        text = "unknown key `reply`: its keys belong to `upstream` itself"
        yield f"{at}/upstream/reply", text
    for key in ("expect", "should", "may", "assume"):
        yield from old_checks(mapping(item.get(key)), f"{at}/{key}")


def old_checks(checks: Mapping[str, Any], at: str) -> Iterator[tuple[str, str]]:
    for name, args in checks.items():
        if name in CHECKS:
            yield f"{at}/{name}", f"unknown key `{name}`: {CHECKS[name]}"
        if "request" in mapping(mapping(args).get("control")):
            text = "unknown key `request`: a control has `body` and `omit`"
            yield f"{at}/{name}/control/request", text
    forwarded = mapping(checks.get("forwarded"))
    if "times" in forwarded:
        yield f"{at}/forwarded/times", "unknown key `times`: write `count`"
    for protocol, expected in forwarded.items():
        if "once" in mapping(expected):
            yield f"{at}/forwarded/{protocol}/once", "unknown key `once`: write `single`"
    yield from old_checks(mapping(checks.get("when")), f"{at}/when") if "when" in checks else ()


def mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def flow(value: Any) -> str:
    """Return a value in YAML's flow style, shortened for a message."""
    if isinstance(value, dict):
        text = f"{{{', '.join(f'{key}: {flow(inner)}' for key, inner in value.items())}}}"
    elif isinstance(value, list):
        text = f"[{', '.join(map(flow, value))}]"
    else:
        text = value if isinstance(value, str) else json.dumps(value)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}..."
