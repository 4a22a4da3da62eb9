"""Explanations of behaviours and checks, with the shortest example from the loaded cases."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from harness.language.check_arguments import CHECK_KEYS

if TYPE_CHECKING:
    from harness.language.behaviours import Behaviour
    from harness.language.checks import Check
    from harness.model import Case, Json


def to_text(value: Json, indent: int | None = None) -> str:
    if isinstance(value, str) and indent is None:
        return value
    return json.dumps(value, ensure_ascii=False, indent=indent)


def behaviour_data(behaviour: Behaviour, cases: list[Case]) -> dict[str, Any]:
    used = [case for case in cases if case.behaviour == behaviour.id]
    return {
        "kind": "behaviour",
        "id": behaviour.id,
        "meaning": behaviour.promise,
        "strongest_evidence_without_upstream": behaviour.ceiling,
        "note": behaviour.needs,
        "keys": [
            {"key": key, "required": key in behaviour.required, "schema": schema}
            for key, schema in behaviour.keys.items()
        ],
        "example": shortest([dict(case.spec) for case in used]),
        "used_in": [case.name for case in used],
    }


def behaviour_lines(data: Mapping[str, Any]) -> Iterator[str]:
    yield f"{data['id']} (behaviour): {data['meaning']}"
    evidence = data["strongest_evidence_without_upstream"]
    yield f"  strongest evidence without --upstream: {evidence}"
    if data["note"]:
        yield f"  {data['note']}"
    yield "\nkeys of its own" if data["keys"] else "\nno keys of its own"
    for key in data["keys"]:
        schema = {name: value for name, value in key["schema"].items() if name != "description"}
        label = " (required)" if key["required"] else ""
        yield f"  {key['key']}{label}: {key['schema'].get('description', '')}".rstrip(": ")
        yield f"      {to_text(schema)}"
    yield from example_lines(data)


def check_data(check: Check, cases: list[Case]) -> dict[str, Any]:
    used = [(case, part) for case in cases for part in parts_with(case.spec, check.id)]
    key = CHECK_KEYS[check.id]
    return {
        "kind": "check",
        "id": check.id,
        "meaning": key.description,
        "evidence": check.grade,
        "arguments": key.schema,
        "example": shortest([{check.id: part} for _, part in used]),
        "used_in": list(dict.fromkeys(case.name for case, _ in used)),
    }


def check_lines(data: Mapping[str, Any]) -> Iterator[str]:
    yield f"{data['id']} (check)" + (f": {data['meaning']}" if data["meaning"] else "")
    yield f"  evidence if it holds: {data['evidence']}"
    yield f"\narguments\n      {to_text(data['arguments'])}"
    yield from example_lines(data)


def example_lines(data: Mapping[str, Any]) -> Iterator[str]:
    import yaml

    if data["example"]:
        text = yaml.safe_dump(data["example"], sort_keys=False, allow_unicode=True, width=100)
        yield "\nexample"
        yield from (f"  {line}" for line in text.splitlines())
    names = data["used_in"]
    more = f" and {len(names) - 5} more" if len(names) > 5 else ""
    yield f"\nused in {', '.join(names[:5])}{more}" if names else "\nused in no case"


def shortest(values: list[Any]) -> Any:
    return min(values, key=lambda value: len(to_text(value, indent=0)), default=None)


def parts_with(value: Json, key: str) -> Iterator[Json]:
    """Yield the arguments of every use of a check in the assertions of a case."""
    for name in ("expect", "should", "may", "assume", "control", "steps"):
        if isinstance(value, Mapping) and name in value:
            yield from _members(value[name], key)


def _members(value: Json, key: str) -> Iterator[Json]:
    items = value if isinstance(value, list) else [value]
    for item in items:
        if isinstance(item, Mapping):
            if key in item:
                yield item[key]
            yield from parts_with(item, key)
            for name in ("any_of", "when"):
                if name in item:
                    yield from _members(item[name], key)
