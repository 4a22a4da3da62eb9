"""Mutants that lose or damage something beside something else of the same Messages request."""

from __future__ import annotations

from typing import Any

from harness.testbed.gateway.gateway import Overrides
from harness.testbed.mutants.anthropic.operators import (
    mutant,
)
from harness.testbed.mutants.combinations import (
    count_no_calls,
)


def together(name: str, description: str, case: str, rule: str, override: Overrides) -> Any:
    return mutant(f"together.{name}", description, case, rule, override)


ANTHROPIC_TOGETHER = (
    together("calls-free", "counts no tokens of calls", "response.usage.calls",
             "body $.usage.output_tokens", {"anthropic.usage": count_no_calls}),
)  # fmt: skip
