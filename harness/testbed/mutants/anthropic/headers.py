"""Mutants of response headers on the Anthropic endpoint, and of client-specific behaviour."""

from __future__ import annotations

from collections.abc import Callable

from harness.testbed.base import Mutant
from harness.testbed.gateway.gateway import Overrides
from harness.testbed.mutants.anthropic.operators import mutant
from harness.testbed.mutants.anthropic.request_operators import (
    errors_as_events,
    header_contains,
)


def client(name: str, description: str, rule: str, override: Overrides) -> Mutant:
    return mutant(
        f"client.{name}", description, f"client.{name.rpartition('-')[0]}", rule, override
    )


def without_type(original: Callable[..., bytes], name: str, data: bytes) -> bytes:
    """Omits the type in the data of events."""
    return original(name, data.replace(f'"type":"{name}",'.encode(), b"").replace(
        f'"type":"{name}"'.encode(), b""))  # fmt: skip


ANTHROPIC_WIRE = (
    client("go-community.stream.refused-event",
           "sends errors as events if accept names event streams",
           "body $.error.message",
           errors_as_events(header_contains("accept", "text/event-stream"), 400)),
    client("anthropic-rb.stream-type", "sends the event type only in the event line",
           "events $[*].type", {"anthropic.frame": without_type}),
)  # fmt: skip
