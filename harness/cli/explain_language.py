"""Explanations of behaviours and checks, with an example and the cases that use it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from harness.language.case_schema import check_definitions, definitions
from harness.load import semantics

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
        "example": definitions()[behaviour.id]["examples"][0],
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
    schema = check_definitions()[check.id]
    hidden = ("description", "examples")
    return {
        "kind": "check",
        "id": check.id,
        "meaning": schema["description"],
        "evidence": check.grade,
        "arguments": {k: value for k, value in schema.items() if k not in hidden},
        "example": {check.id: schema["examples"][0]},
        "used_in": [case.name for case in cases if check.id in checks_of(case)],
    }


def check_lines(data: Mapping[str, Any]) -> Iterator[str]:
    yield f"{data['id']} (check)" + (f": {data['meaning']}" if data["meaning"] else "")
    yield f"  evidence if it holds: {data['evidence']}"
    yield f"\narguments\n      {to_text(data['arguments'])}"
    yield from example_lines(data)


def example_lines(data: Mapping[str, Any]) -> Iterator[str]:
    from harness.language.case_format import yaml_lines

    yield "\nexample"
    yield from (f"  {line}" for line in yaml_lines(data["example"]))
    names = data["used_in"]
    more = f" and {len(names) - 5} more" if len(names) > 5 else ""
    yield f"\nused in {', '.join(names[:5])}{more}" if names else "\nused in no case"


def checks_of(case: Case) -> set[str]:
    return {name for _, name, _ in semantics.assertions(case.spec)}
