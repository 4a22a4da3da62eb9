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
        make("retry-lost", "does not tell when to come back", "upstream.error.429",
             "headers retry-after", passes(way, without("retry-after"))),
        make("overload-page", "shows a page where the provider is overloaded",
             "upstream.error.529", f"schema {error}", pages(prefix)),
        make("overload-answered", "makes an answer of an overload", "upstream.error.529", "status",
             hushes(way, "Overloaded")),
        make("page", "shows a page where the provider does", "upstream.error.500.html",
             "headers content-type", pages(prefix)),
        make("400-500", "calls all that the provider refuses a crash", "upstream.error.400",
             "status", {f"{way}.status": of_500}),
        make("garbled", "takes what it cannot read for nothing said", "upstream.error.garbled",
             "status", whole(way, empty)),
        make("200", "takes an error with status 200 for nothing said", "upstream.error.200",
             "status", whole(way, empty)),
        *hushed(make, way),
    )  # fmt: skip


def hushed(make: Tell, way: str) -> tuple[Mutant, ...]:
    """An answer that failed, told as one that did not."""
    return (
        make("first-hushed", "makes an empty answer of an error", "upstream.error.first",
             "error_signalled_by",
             hushes(way)),
        make("silence-hushed", "makes an empty answer of a dropped connection",
             "upstream.error.silence", "error_signalled_by", hushes(way, "", 502)),
        make("broken-ended", "ends an answer in which the provider failed",
             "upstream.broken.error", "error_signalled_by", ends(way, "stream_error")),
        make("drop-ended", "ends an answer that the provider dropped", "upstream.broken.drop",
             "error_signalled_by", ends(way, "incomplete_error")),
        make("silence-ended", "ends an answer that the provider left open",
             "upstream.broken.silence", "error_signalled_by", ends(way, "incomplete_error")),
        make("call-ended", "ends an answer in the middle of a call", "upstream.broken.call",
             "error_signalled_by", ends(way, "stream_error")),
    )  # fmt: skip
