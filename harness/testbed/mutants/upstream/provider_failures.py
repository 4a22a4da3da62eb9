"""Mutants of both endpoints for a provider that fails."""

from __future__ import annotations

from collections.abc import Callable

from harness.testbed.base import Mutant
from harness.testbed.gateway.model_types import ModelRequest
from harness.testbed.mutants.upstream.operators import (
    Body,
    MutantFactory,
    changes_body,
    changes_headers,
    hides_error,
    hides_failure,
    sends_html,
    without,
)


def status_500(original: Callable[..., int], request: ModelRequest, status: int) -> int:
    return 500


def failures(
    make: MutantFactory, way: str, prefix: str, error: str, empty: Callable[[Body], Body]
) -> tuple[Mutant, ...]:
    """Creates the mutants.

    Args:
        make: Creates a mutant.
        way: The prefix of forwarding hooks.
        prefix: The prefix of endpoint hooks.
        error: The name of the error schema.
        empty: Completes an empty answer.
    """
    return (
        make("retry-lost", "drops retry-after", "upstream.error.429",
             "headers retry-after", changes_headers(way, without("retry-after"))),
        make("overload-page", "sends an HTML page if the provider is overloaded",
             "upstream.error.529", f"schema {error}", sends_html(prefix)),
        make("overload-answered", "answers normally if the provider is overloaded",
             "upstream.error.529", "status", hides_error(way, "Overloaded")),
        make("page", "forwards an HTML page of the provider", "upstream.error.500.html",
             "headers content-type", sends_html(prefix)),
        make("400-500", "returns a 500 for every provider error", "upstream.error.400",
             "status", {f"{way}.status": status_500}),
        make("garbled", "treats an unreadable answer as empty", "upstream.error.garbled",
             "status", changes_body(way, empty)),
        make("200", "treats an error with status 200 as an empty answer", "upstream.error.200",
             "status", changes_body(way, empty)),
        *hidden_failures(make, way),
    )  # fmt: skip


def hidden_failures(make: MutantFactory, way: str) -> tuple[Mutant, ...]:
    """Creates mutants that hide a failed answer."""
    return (
        make("first-hushed", "sends an empty answer for an error", "upstream.error.first",
             "error_signalled_by",
             hides_error(way)),
        make("silence-hushed", "sends an empty answer for a dropped connection",
             "upstream.error.silence", "error_signalled_by", hides_error(way, "", 502)),
        make("broken-ended", "ends a stream normally after a provider error",
             "upstream.broken.error", "error_signalled_by", hides_failure(way, "stream_error")),
        make("drop-ended", "ends a stream normally after a dropped connection",
             "upstream.broken.drop", "error_signalled_by", hides_failure(way, "incomplete_error")),
        make("silence-ended", "ends a stream normally without the provider's last event",
             "upstream.broken.silence", "error_signalled_by", hides_failure(way,
             "incomplete_error")),
        make("call-ended", "ends a stream normally inside a call", "upstream.broken.call",
             "error_signalled_by", hides_failure(way, "stream_error")),
    )  # fmt: skip
