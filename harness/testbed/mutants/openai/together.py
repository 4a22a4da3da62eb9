"""Mutants that lose or damage something beside something else of the same request."""

from __future__ import annotations

from harness.testbed.base import Mutant
from harness.testbed.mutants.combinations import first_and_last_turns
from harness.testbed.mutants.openai.operators import misreads

TOGETHER = (
    Mutant("together.middle", "keeps the first and the last three turns",
           "messages.history.middle", "any_of",
           misreads(turns=first_and_last_turns)),
)  # fmt: skip
