"""Mutants of tool definitions and tool calls."""

from __future__ import annotations

from harness.testbed.base import Mutant
from harness.testbed.mutants.openai.operators import (
    Body,
    refuses,
    values_at,
)


def breaks_strict_mode(body: Body) -> bool:
    """Tests whether a strict schema has an optional field, which OpenAI's strict mode rejects."""
    return any(
        function.get("strict") is True
        and set(function.get("parameters", {}).get("required", ()))
        != set(function.get("parameters", {}).get("properties", ()))
        for function in values_at(body, "tools", "*", "function")
    )


TOOLS = (
    Mutant("tools.strict", "validates the schemas of strict tools", "behaviour.strict", "status",
           refuses(breaks_strict_mode, "strict")),
)  # fmt: skip
