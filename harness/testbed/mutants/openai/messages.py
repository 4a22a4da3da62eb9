"""Mutants of messages: hoisted, stripped and forwarded content."""

from __future__ import annotations

from collections.abc import Callable

from harness.testbed.base import Mutant
from harness.testbed.gateway.gateway import Overrides
from harness.testbed.mutants.openai.operators import Body

SYSTEM = ("system", "developer")
TOKENS = "hoisted.tokens"


def joins_with(joint: str) -> Overrides:
    """Joins system messages with another separator."""

    def hoist(original: Callable[[list[Body]], str], messages: list[Body]) -> str:
        return joint.join(original([m]) for m in messages if m["role"] in SYSTEM)

    return {"hoist": hoist}


MESSAGES = (
    Mutant("hoist.blank", "joins system messages with a space", "behaviour.hoist", TOKENS,
           joins_with(" ")),
    Mutant("hoist.nothing", "joins system messages without a separator", "behaviour.hoist", TOKENS,
           joins_with("")),
    Mutant("hoist.two-lines", "joins system messages with an empty line", "behaviour.hoist", TOKENS,
           joins_with("\n\n")),
)  # fmt: skip
