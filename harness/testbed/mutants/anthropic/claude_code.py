"""Mutants that fail the requests of Claude Code."""

from __future__ import annotations

from harness.testbed.base import Mutant
from harness.testbed.gateway.gateway import Overrides
from harness.testbed.mutants.anthropic.operators import (
    mutant,
)

ANY_OF = "any_of"


def claude_code(
    case: str, name: str, description: str, override: Overrides, rule: str = "status"
) -> Mutant:
    case = f"client.claude-code.{case}"
    return mutant(f"{case}-{name}", description, case, rule, override)


CLAUDE_CODE: tuple[Mutant, ...] = (
    claude_code("tool-search", "dropped", "drops all tools that are loaded later",
        {"anthropic.named_tools": lambda original, messages: set()}, ANY_OF),
)  # fmt: skip
