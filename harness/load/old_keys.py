"""Keys that file formats had under another name, so that a message can show today's form."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final

from harness.model import Json
from harness.model.renamed_rules import RENAMED_CHECKS
from harness.util.jsonpath import from_pointer

# Old key -> its form today (a function returns the message, or "" for a value of today's format),
# or the old keys inside it. `*` stands for every member or item, {} for the value.
Form = str | Callable[[Json], str] | Mapping[str, Any]
Forms = Mapping[str, Form]

ROW: Final[Forms] = {
    "status": "documented_as",
    "declared": "behaviour",
    **dict.fromkeys(("note", "role", "variant"), "why"),
}
CLAIM: Final[Forms] = {"beyond": "values", "other_values": "values", "because": "why"}
RENAMED: Final[Mapping[str, Forms]] = {
    "target": {
        "fronts": "endpoints",
        "fields": "deviations",
        "deviations": {"*": CLAIM},
        "limited_key_env": "write `key_env: [KEY, {}]`; KEY is the variable of the normal key",
        "builtin": "write `base_url: builtin` in the endpoints",
    },
    "claims": {"fields": "deviations", "deviations": {"*": CLAIM}},
    "pack": {
        **dict.fromkeys(("other", "other_protocols"), "protocols"),
        "base": "body",
        "protocols": {"*": {"base": "body"}},
        "panel": "answers",
        "sources": {"*": {"file": "url", "note": "write the remark as a comment"}},
    },
    "rows": {"rows": {"*": ROW}},
}
MAX_LENGTH: Final = 60
REQUEST_KEYS: Final = ("method", "path", "headers", "auth", "body", "raw", "omit")
WHOLE: Final = "`request` is the whole request; write `request: "
FAIL: Final = "write `fail: {{error: N}}`, with the number of deltas before the failure"
CONTROL: Final = "`control: {body: ..., omit: [...], expect: {...}}`"


def request_message(value: Json) -> str:
    """Return the message for a request that consists of members of the body."""
    if not isinstance(value, dict) or not value or any(key in REQUEST_KEYS for key in value):
        return ""
    return f"{WHOLE}{{body: {flow(value)}}}`"


def field_message(value: Json) -> str:
    path = from_pointer(value) if str(value).startswith("/") else value
    return f"unknown key `at`: write `field: {path}`" if isinstance(value, str) else ""


def range_message(value: Json) -> str:
    bounds = flow([value.get("min"), value.get("max")]) if isinstance(value, dict) else ""
    return f"write `range: {bounds}`" if bounds else ""


def flow(value: Any) -> str:
    """Return a value in YAML's flow style, shortened for a message."""
    if isinstance(value, dict):
        text = f"{{{', '.join(f'{key}: {flow(inner)}' for key, inner in value.items())}}}"
    elif isinstance(value, list):
        text = f"[{', '.join(map(flow, value))}]"
    else:
        text = value if isinstance(value, str) else json.dumps(value)
    return text if len(text) <= MAX_LENGTH else f"{text[:MAX_LENGTH]}..."


CHECKS: Final[dict[str, Form]] = {
    **{old: f"write `{new}`" for old, new in RENAMED_CHECKS.items() if old != "same"},
    "steps_agree": {"*": {"pairs": "write `values`"}},
    "forwarded": {
        "times": "write `count`",
        "*": dict.fromkeys(("once", "single"), "write `unique`"),
    },
    "*": {"control": {"request": "a control has `body` and `omit`"}},
}
CHECKS["when"] = CHECKS
STEP: Final[Forms] = {
    "http": f"{WHOLE}{{}}`",
    "raw": f"{WHOLE}{{{{raw: ...}}}}`",
    "omit": f"{WHOLE}{{{{omit: {{}}}}}}`",
    "request": request_message,
    "client": {"auth": "write `request: {{auth: ...}}`", "snippet": "write `script: {}`"},
    "upstream": {
        "reply": "its keys belong to `upstream` itself",
        "extra": "write `body: {}`",
        "native_stop_reason": "write `stop_reason: {}`",
        "stop_sequence": "write `stop_reason: {{stop_sequence: {}}}`",
        "usage": {"input": "write `input_tokens`", "output": "write `output_tokens`"}
        | {"cache_read": "write `cache_read_input_tokens`"}
        | {"cache_write": "write `cache_creation_input_tokens`"},
        "parts": {"*": {"tool": {"input": "write `tool: {{NAME: {}}}`"}}},
        "stream": {"byte_by_byte": "write `split: bytes`", "fail": {"after": FAIL, "with": FAIL}}
        | dict.fromkeys(("pieces", "delta_size"), "write `split: {}`"),
    },
    **dict.fromkeys(("expect", "should", "may", "assume"), CHECKS),
}
CASE: Final[Forms] = {
    **STEP,
    "behavior": "write `behaviour`",
    "name": "write `id`",
    "also": "list all rows in `row`: `row: [first, second]`",
    "extreme": "write `boundary_values`",
    "wrong": "write `wrong_type_values`",
    **dict.fromkeys(("others", "other_values", "over", "beyond"), "write `values`"),
    "refusal": "write `when`",
    "burst": "write `repeat`",
    "range": range_message,
    "header": "write `path: header {}`",
    "trigger": "write `request: {}`",
    "on": "write `answers: {}`",
    "provoke": "write `request: {{body: {}}}`",
    **dict.fromkeys(("joined", "without"), "write `control: {{body: {}}}`"),
    "equivalent_request": "write `control: {}`",
    **dict.fromkeys(("obeyed", "obeyed_if"), "write `schema`"),
    "at": field_message,
    "assume": {**CHECKS, "control": lambda _: f"`control` is a key of the case; write {CONTROL}"},
    "steps": {"*": STEP},
}


def old_case_keys(spec: Mapping[str, Json]) -> Iterator[tuple[str, str]]:
    """Yield (pointer, message) for every key of the format of version 0.1 in a case."""
    for at, mapping, key, form in find(spec, CASE):
        message = form(mapping[key]) if callable(form) else form.format(flow(mapping[key]))
        if message:
            unknown = "" if callable(form) else f"unknown key `{key}`: "
            yield f"{at}/{key}", unknown + message


def rename_keys(schema: str, data: Json) -> Iterator[tuple[str, str]]:
    """Yield (pointer, message) for every old key in a file of another kind.

    The key is renamed or removed in `data`, so that it does not count as unknown as well.
    """
    for at, mapping, key, new in [*find(data, RENAMED.get(schema, {}))]:
        value = mapping.pop(key)
        if " " in new:
            yield f"{at}/{key}", f"unknown key `{key}`: {new.format(flow(value))}"
        else:
            mapping.setdefault(new, value)
            yield f"{at}/{key}", f"`{key}` is now called `{new}`; rename it"


def find(data: Json, forms: Forms, at: str = "") -> Iterator[tuple[str, Json, str, Any]]:
    """Yield (pointer of the mapping, the mapping, old key, form) for every old key."""
    items: Iterable[tuple[Any, Json]] = data.items() if isinstance(data, dict) else ()
    if isinstance(data, list):
        items = enumerate(data)
    for key, value in items:
        for form in (forms.get(key), forms.get("*")):
            if isinstance(form, Mapping):
                yield from find(value, form, f"{at}/{key}")
            elif form:
                yield at, data, key, form
