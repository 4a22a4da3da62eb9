"""Cases before a provider, fired as prove fires them: for tests."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from harness.judge import judge
from harness.model import Plan, Verdict
from harness.prove.in_process_upstream import ACROSS, InProcessUpstream

PACKS = ("openai-compat", "anthropic-messages")
# Which protocols the providers behind the gateway speak: with both, each front is before the other.
BOTH, LIKE_OPENAI, LIKE_ANTHROPIC = ACROSS, ("openai",), ("anthropic",)


@cache
def behind() -> InProcessUpstream:
    return InProcessUpstream(PACKS)


def plans() -> Mapping[str, Plan]:
    """The cases that ask for more where somebody stands behind, by full name."""
    return behind().plans


def verdicts(names: Iterable[str], **world: Any) -> list[Verdict]:
    """`world`: what `Behind.fire` takes beside plans."""
    those = [plans()[name] for name in names]
    made = behind().fire(those, **world)
    return [judge(plan, made) for plan in those]
