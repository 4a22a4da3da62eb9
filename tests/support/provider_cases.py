"""The cases that need a provider behind the gateway, run as `harness prove` runs them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from harness.model import Plan
from harness.prove.in_process_upstream import InProcessUpstream

PACKS = ("openai-compat", "anthropic-messages")


@cache
def in_process_upstream() -> InProcessUpstream:
    return InProcessUpstream(PACKS)


def plans() -> Mapping[str, Plan]:
    """The plans with assertions on forwarded requests, by the case's full name."""
    return in_process_upstream().plans
