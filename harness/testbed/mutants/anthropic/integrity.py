"""Mutants of resold Messages endpoints: they add, cut, rename or count in secret."""

from __future__ import annotations

from harness.testbed.mutants.anthropic.operators import (
    misreads,
    mutant,
)
from harness.testbed.mutants.request_cuts import (
    with_hidden_prompt,
)

ANTHROPIC_INTEGRITY = (
    mutant("integrity.hidden", "puts a hidden prompt before the caller's, and counts it",
           "integrity.prompt.size", "body $.usage.input_tokens",
           misreads(system=with_hidden_prompt)),
)  # fmt: skip
