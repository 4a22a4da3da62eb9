"""What goes wrong alike on either front when the provider behind it fails. May not name a front."""

from __future__ import annotations

from collections.abc import Callable

from harness.testbed.base import Mutant
from harness.testbed.gateway.model_types import ModelRequest
from harness.testbed.mutants.upstream.operators import (
    Body,
    Tell,
    ends,
    hushes,
    pages,
    passes,
    whole,
    without,
)


def of_500(original: Callable[..., int], request: ModelRequest, status: int) -> int:
    return 500


def failures(
    make: Tell, way: str, prefix: str, error: str, empty: Callable[[Body], Body]
) -> tuple[Mutant, ...]:
    """`way`: the forwarding's prefix; `error`: the schema owed; `empty`: nothing said at all."""
    return (
        make("retry-lost", "drops retry-after", "upstream.error.429",
             "headers retry-after", passes(way, without("retry-after"))),
        make("overload-page", "sends an HTML page if the provider is overloaded",
             "upstream.error.529", f"schema {error}", pages(prefix)),
        make("overload-answered", "answers normally if the provider is overloaded",
             "upstream.error.529", "status", hushes(way, "Overloaded")),
        make("page", "forwards an HTML page of the provider", "upstream.error.500.html",
             "headers content-type", pages(prefix)),
        make("400-500", "returns a 500 for every provider error", "upstream.error.400",
             "status", {f"{way}.status": of_500}),
        make("garbled", "treats an unreadable answer as empty", "upstream.error.garbled",
             "status", whole(way, empty)),
        make("200", "treats an error with status 200 as an empty answer", "upstream.error.200",
             "status", whole(way, empty)),
        *hushed(make, way),
    )  # fmt: skip


def hushed(make: Tell, way: str) -> tuple[Mutant, ...]:
    """An answer that failed, told as one that did not."""
    return (
        make("first-hushed", "sends an empty answer for an error", "upstream.error.first",
             "error_signalled_by",
             hushes(way)),
        make("silence-hushed", "sends an empty answer for a dropped connection",
             "upstream.error.silence", "error_signalled_by", hushes(way, "", 502)),
        make("broken-ended", "ends a stream normally after a provider error",
             "upstream.broken.error", "error_signalled_by", ends(way, "stream_error")),
        make("drop-ended", "ends a stream normally after a dropped connection",
             "upstream.broken.drop", "error_signalled_by", ends(way, "incomplete_error")),
        make("silence-ended", "ends a stream normally without the provider's last event",
             "upstream.broken.silence", "error_signalled_by", ends(way, "incomplete_error")),
        make("call-ended", "ends a stream normally inside a call", "upstream.broken.call",
             "error_signalled_by", ends(way, "stream_error")),
    )  # fmt: skip
