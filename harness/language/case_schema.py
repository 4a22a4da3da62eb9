"""Definitions of the case format, which `schemas/case.schema.json` holds."""

from __future__ import annotations

from functools import cache

from harness.model import Json
from harness.util import json_schema


@cache
def definitions() -> dict[str, Json]:
    """Return the shared parts of the schema; a behaviour's id names the schema of its cases."""
    return dict(json_schema.contents("case")["$defs"])


def check_definitions() -> dict[str, Json]:
    """Return the schema of each check's arguments, with its description and examples."""
    return dict(definitions()["checks"]["properties"])
