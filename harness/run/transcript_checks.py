"""Checks a transcript before it is used: it may come from someone else, or be edited by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from harness.model import Json, Pack, Plan
from harness.util.errors import UsageError
from harness.util.json_schema.parts import errors_by_part

MAX_EMPTY: Final = 100_000  # repetitions of cases of which no exchange is there


def check_header(path: object, header: Mapping[str, Json]) -> None:
    """Raises UsageError with the first violation of the schema."""
    check_part(path, "header", header)


def check_footer(path: object, footer: Mapping[str, Json]) -> None:
    """Raises UsageError with the first violation of the schema."""
    check_part(path, "footer", footer)


def check_part(path: object, name: str, value: Json) -> None:
    for at, message in errors_by_part(f"transcript#/$defs/{name}", value):
        raise UsageError(f"{path}: its {name} is invalid: {message} - at `{at}`")


def check_contents(
    path: object,
    repeat: int,
    packs: Sequence[Pack],
    plans: Sequence[Plan],
    exchanges: int,
) -> None:
    """Raises UsageError for a header whose parts do not fit together, or an endless run."""
    problem = ""
    ids, names = {pack.id for pack in packs}, [plan.case.name for plan in plans]
    unknown = [plan.case.name for plan in plans if plan.case.pack not in ids]
    if unknown or len({*names}) < len(names):
        problem = f"the pack of {unknown[0]} is missing" if unknown else "a case is there twice"
    if problem:
        raise UsageError(f"{path}: its header is invalid: {problem}")
    check_repetitions(path, repeat, len(plans), exchanges)


def check_repetitions(path: object, repeat: int, cases: int, exchanges: int) -> None:
    """Raises UsageError for repetitions that can never have been sent."""
    if repeat * cases > MAX_EMPTY + exchanges:
        problem = f"{repeat} repetitions of {cases} cases, but {exchanges} exchanges"
        raise UsageError(f"{path}: its header is invalid: {problem}")
