"""The requests of a case as steps, and changes to the last of them."""

from __future__ import annotations

from collections.abc import Mapping

from harness.language.behaviours.base import Step
from harness.model import Case, Json
from harness.util.jsonpath import to_pointer


def steps_of(spec: Mapping[str, Json]) -> tuple[Step, ...]:
    """Return the case's requests in order. A case without `steps` is one step."""
    return tuple(spec.get("steps") or [spec])


def field_pointer(case: Case) -> str:
    """Return the JSON Pointer of the field under test in the request body."""
    return to_pointer(case.spec["field"]) if "field" in case.spec else f"/{case.row}"


def change_last(steps: tuple[Step, ...], **request: Json) -> tuple[Step, ...]:
    """Return the steps with keys of the last step's `request` replaced."""
    last = steps[-1]
    return (*steps[:-1], {**last, "request": {**last.get("request", {}), **request}})


def merge_over(steps: tuple[Step, ...], change: Mapping[str, Json]) -> tuple[Step, ...]:
    """Return the steps with a control's `body` and `omit` merged over the last request."""
    request = steps[-1].get("request", {})
    body = change.get("body", {})
    kept = [key for key in request.get("omit", ()) if key not in body]
    return change_last(
        steps,
        body={**request.get("body", {}), **body},
        omit=[*kept, *change.get("omit", ())],
    )
